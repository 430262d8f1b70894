package dev.loupe.training.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.loupe.service.telemetry.WorkScope;
import dev.loupe.training.launch.JobName;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/**
 * One attempt of a run.
 *
 * @param runId id of the run
 * @param number number of the attempt, from 1
 * @param token token that its trainer presents when it reports
 * @param ended how it ended, null while it is in progress
 * @param createdAt when its job was requested
 * @param endedAt when it ended
 */
public record Attempt(
        @JsonIgnore UUID runId,
        int number,
        @JsonIgnore String token,
        String ended,
        Instant createdAt,
        Instant endedAt) {

    /** Value of {@code ended} of an attempt that succeeded. */
    static final String SUCCEEDED = "succeeded";

    /** Whether it ended with a result of the run. */
    boolean hasSucceeded() {
        return SUCCEEDED.equals(ended);
    }

    /** The name of its job. */
    public JobName job() {
        return JobName.of(runId, number);
    }

    /** The log and trace scope of work for the attempt. */
    public WorkScope scope() {
        return WorkScope.open(Map.of(WorkScope.RUN, runId.toString(), WorkScope.ATTEMPT, Integer.toString(number)));
    }

    @Override
    public String toString() {
        return "attempt " + number + " of run " + runId; // never log the token
    }
}
