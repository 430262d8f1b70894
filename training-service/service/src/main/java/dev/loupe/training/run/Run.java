package dev.loupe.training.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.service.telemetry.WorkScope;
import dev.loupe.training.launch.JobName;
import dev.loupe.training.launch.TrainerResources;
import dev.loupe.training.queue.QueuePlace;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/**
 * A training run, as stored in the database and returned to clients.
 *
 * @param id id of the run
 * @param project name of its project
 * @param task of its project
 * @param datasetVersion number of the dataset version
 * @param recipe recipe of the run, with values for all of its parameters
 * @param seed seed of all random numbers
 * @param register whether the run produces a model version; otherwise it only measures
 * @param state current state
 * @param reason why it waits, failed or was retried; null if there is no reason to report
 * @param attempt number of the current attempt, 0 before the first
 * @param progress of the current attempt, null before its first report
 * @param metrics metrics on the TEST images, once it is SUCCEEDED
 * @param trainSeconds wall-clock time of the attempt that SUCCEEDED
 * @param resumedFrom checkpoint that this attempt resumed from, null if it started from the beginning
 * @param createdAt when it was submitted
 * @param startedAt when its first attempt started
 * @param finishedAt when it reached a final state
 * @param resources resources that it asked for instead of the defaults
 * @param priority -100..100; a run with a higher priority starts earlier
 * @param queue position in the queue while it waits, else null
 * @param datasetVersionId id of the dataset version
 * @param uncountedAttempts number of attempts that do not count towards the limit of attempts
 * @param revision increases with every change
 * @param traceparent trace of the request that submitted it, null if there was none
 */
public record Run(
        UUID id,
        String project,
        Task task,
        int datasetVersion,
        Recipe recipe,
        long seed,
        boolean register,
        RunState state,
        String reason,
        int attempt,
        RunProgress progress,
        Map<String, Double> metrics,
        Double trainSeconds,
        String resumedFrom,
        Instant createdAt,
        Instant startedAt,
        Instant finishedAt,
        TrainerResources resources,
        int priority,
        QueuePlace queue,
        @JsonIgnore UUID datasetVersionId,
        @JsonIgnore int uncountedAttempts,
        @JsonIgnore long revision,
        @JsonIgnore String traceparent) {

    /** The name of the job of the current attempt. */
    JobName job() {
        return JobName.of(id, attempt);
    }

    /** The log and trace scope of work for the run and its current attempt. */
    WorkScope scope() {
        return WorkScope.open(
                traceparent,
                Map.of(
                        WorkScope.RUN, id.toString(),
                        WorkScope.ATTEMPT, Integer.toString(attempt),
                        WorkScope.PROJECT, project));
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
