package dev.loupe.training.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.training.Control;
import dev.loupe.contracts.training.Selection;
import dev.loupe.service.telemetry.WorkScope;
import dev.loupe.training.launch.JobName;
import dev.loupe.training.launch.TrainerResources;
import dev.loupe.training.queue.QueuePlace;
import jakarta.annotation.Nullable;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.mapper.Nested;
import org.jdbi.v3.core.mapper.reflect.ColumnName;
import org.jdbi.v3.json.Json;

/**
 * A run, which trains, evaluates, imports or extends a model, as stored in the database and returned to clients.
 *
 * @param id id of the run
 * @param data what it works on
 * @param settings how it was asked for
 * @param status where it stands
 * @param outcome what came of it
 * @param times when it changed
 * @param traceparent trace of the request that submitted it, null if there was none
 */
public record Run(
        UUID id,
        @Nested @JsonUnwrapped Data data,
        @Nested @JsonUnwrapped Settings settings,
        @Nested @JsonUnwrapped Status status,
        @Nested @JsonUnwrapped Outcome outcome,
        @Nested @JsonUnwrapped Times times,
        @JsonIgnore String traceparent) {

    /**
     * What a run works on.
     *
     * @param project name of its project
     * @param task of its project
     * @param datasetVersion number of the dataset version that it learns from, or evaluates on
     * @param datasetVersionId id of the dataset version
     * @param model model that it evaluates, null for another kind of run
     * @param importedModel model that it imports, null for another kind of run
     * @param extendedModel model that it extends, null for another kind of run
     */
    public record Data(
            @ColumnName("project_name") String project,
            Task task,
            @ColumnName("number") int datasetVersion,
            @JsonIgnore UUID datasetVersionId,
            @Nested("evaluated") @Nullable PackagedModel model,
            @Nested("imported") @Nullable ImportedModelRef importedModel,
            @Nested("extended") @Nullable ExtendedModel extendedModel) {}

    /**
     * How a run was asked for.
     *
     * @param kind what it does
     * @param recipe recipe of the run, with values for all of its parameters; of an evaluation, that of the model; of an
     *     import, {@value Recipe#IMPORTED} with its name and digest
     * @param seed seed of all random numbers
     * @param register whether the run produces a model version; otherwise it only measures
     * @param resources resources that it asked for instead of the defaults
     * @param priority -100..100; a run with a higher priority starts earlier
     * @param search search that it belongs to, null if it belongs to none
     * @param devOnly whether it is a trial of a search: it measures on DEV, does not use the TEST images, and keeps no
     *     model
     * @param withControl whether it trains a control beside the model
     * @param checkLabels whether its trainer looks for labels that are probably wrong
     */
    public record Settings(
            RunKind kind,
            @Json Recipe recipe,
            long seed,
            boolean register,
            @Json TrainerResources resources,
            int priority,
            @ColumnName("search_id") @Nullable UUID search,
            boolean devOnly,
            boolean withControl,
            boolean checkLabels) {
        public Settings {
            resources = resources == null ? TrainerResources.DEFAULT : resources;
        }
    }

    /**
     * Where a run stands.
     *
     * @param state current state
     * @param reason why it waits, failed or was retried; null if there is no reason to report
     * @param attempt number of the current attempt, 0 before the first
     * @param uncountedAttempts number of attempts that do not count towards the limit of attempts
     * @param notBefore when the next attempt may start, after one that found no disk space; else null
     * @param progress of the current attempt, null before its first report
     * @param queue position in the queue while it waits, else null
     * @param revision increases with every change
     */
    public record Status(
            RunState state,
            String reason,
            int attempt,
            @JsonIgnore int uncountedAttempts,
            @JsonIgnore Instant notBefore,
            @Json RunProgress progress,
            @Nullable QueuePlace queue,
            @JsonIgnore long revision) {

        /** Whether the run waits for a trainer. */
        boolean waits() {
            return state == RunState.QUEUED && (attempt == 0 || notBefore != null);
        }

        private Status at(QueuePlace place) {
            String why = reason == null
                    ? "place " + place.position() + " of " + place.of() + " in the queue: " + place.reason()
                    : reason;
            return new Status(state, why, attempt, uncountedAttempts, notBefore, progress, place, revision);
        }
    }

    /**
     * What came of a run.
     *
     * @param metrics metrics on the TEST images, once it is SUCCEEDED
     * @param devMetrics metrics on the DEV images, once it is SUCCEEDED; empty if its recipe measures none
     * @param trainSeconds wall-clock time of the attempt that SUCCEEDED
     * @param resumedFrom checkpoint that this attempt resumed from, null if it started from the beginning
     * @param modelVersion number of the model version that came of it, null if none is known
     * @param selection how a recipe that tries several others chose among them, else null
     * @param control what a control reaches, null if the run has none
     * @param warnings warnings for users of the model, in whole sentences; empty if there are none
     */
    public record Outcome(
            @Json Map<String, Double> metrics,
            @Json Map<String, Double> devMetrics,
            Double trainSeconds,
            String resumedFrom,
            Integer modelVersion,
            @Nullable @Json Selection selection,
            @Nullable @Json Control control,
            @Json List<String> warnings) {
        public Outcome {
            warnings = List.copyOf(warnings);
            metrics = Collections.unmodifiableMap(new TreeMap<>(metrics));
            devMetrics = Collections.unmodifiableMap(new TreeMap<>(devMetrics));
        }
    }

    /**
     * When a run changed.
     *
     * @param createdAt when it was submitted
     * @param startedAt when its first attempt started
     * @param finishedAt when it reached a final state
     */
    public record Times(Instant createdAt, Instant startedAt, Instant finishedAt) {}

    /** Returns this run with its place in the queue. */
    Run at(QueuePlace place) {
        return new Run(id, data, settings, status.at(place), outcome, times, traceparent);
    }

    /** The recipe that the model was trained with: if the run's recipe chose among others, the chosen one. */
    public Recipe trainedRecipe() {
        return outcome.selection() == null
                ? settings.recipe()
                : outcome.selection().chosenRecipe();
    }

    /** The name of the job of the current attempt. */
    JobName job() {
        return JobName.of(id, status.attempt());
    }

    /** The log and trace scope of work for the run and its current attempt. */
    WorkScope scope() {
        return WorkScope.open(
                traceparent,
                Map.of(
                        WorkScope.RUN, id.toString(),
                        WorkScope.ATTEMPT, Integer.toString(status.attempt()),
                        WorkScope.PROJECT, data.project()));
    }

    /** Key prefix of everything that belongs to the run in object storage. */
    public static String prefix(UUID run) {
        return "runs/" + run + "/";
    }

    /** Key of an attempt's result. */
    static String resultKey(UUID run, int attempt) {
        return prefix(run) + "attempts/" + attempt + "/result.json";
    }
}
