package dev.loupe.training.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.training.Recipe;
import dev.loupe.service.telemetry.WorkScope;
import dev.loupe.training.launch.JobName;
import dev.loupe.training.launch.TrainerResources;
import dev.loupe.training.queue.QueuePlace;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/**
 * A training run, as it is in the database and as clients see it.
 *
 * @param id of the run
 * @param project name of its project
 * @param task of its project
 * @param datasetVersion number of the dataset version
 * @param recipe how to train, every backbone named
 * @param seed of everything random
 * @param register whether a model version comes of it; else it only measures
 * @param state where it is
 * @param reason why it waits, failed or was tried again; null if there is nothing to say
 * @param attempt number of the current attempt, 0 before the first
 * @param progress of the current attempt, null before its first report
 * @param metrics on the TEST images, once it SUCCEEDED
 * @param trainSeconds wall clock of the attempt that SUCCEEDED
 * @param resumedFrom checkpoint that this attempt went on from, null if it started from the beginning
 * @param createdAt when it was asked for
 * @param startedAt when its first attempt began
 * @param finishedAt when it came to a final state
 * @param resources that it asked for in place of the default ones
 * @param priority -100..100: the larger, the sooner
 * @param queue where it stands while it waits for its turn, else null
 * @param datasetVersionId of the dataset version
 * @param uncharged attempts that are not charged to the run
 * @param revision grows with every change
 * @param traceparent the trace in which it was asked for, null if there was none
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
        @JsonIgnore int uncharged,
        @JsonIgnore long revision,
        @JsonIgnore String traceparent) {

    /** Name of the job that makes the current attempt. */
    JobName job() {
        return JobName.of(id, attempt);
    }

    /** For what is done for the run, and for its current attempt. */
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

    /** Key of an attempt's last word. */
    static String resultKey(UUID run, int attempt) {
        return prefix(run) + "attempts/" + attempt + "/result.json";
    }
}
