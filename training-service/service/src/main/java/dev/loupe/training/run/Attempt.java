package dev.loupe.training.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.loupe.service.telemetry.WorkScope;
import dev.loupe.training.launch.JobName;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/**
 * One try at a run.
 *
 * @param runId of its run
 * @param number from 1
 * @param token that its trainer shows when it reports
 * @param ended how it ended, null while it goes on
 * @param createdAt when its job was asked for
 * @param endedAt when it ended
 */
public record Attempt(
        @JsonIgnore UUID runId,
        int number,
        @JsonIgnore String token,
        String ended,
        Instant createdAt,
        Instant endedAt) {

    /** Name of its job. */
    public JobName job() {
        return JobName.of(runId, number);
    }

    /** For what is done for the attempt. */
    public WorkScope scope() {
        return WorkScope.open(Map.of(WorkScope.RUN, runId.toString(), WorkScope.ATTEMPT, Integer.toString(number)));
    }

    @Override
    public String toString() {
        return "attempt " + number + " of run " + runId; // never the token
    }
}
