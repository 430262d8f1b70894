package dev.loupe.training.search;

import com.fasterxml.jackson.annotation.JsonIgnore;
import jakarta.annotation.Nullable;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jdbi.v3.core.mapper.reflect.ColumnName;
import org.jdbi.v3.json.Json;

/**
 * A trial of a search, as stored in the database and returned to clients.
 *
 * @param searchId its search
 * @param number its number, from 1
 * @param run its run, null if none could be started or it was deleted
 * @param runState state of that run
 * @param parameters values of the parameters that the search varies
 * @param rung rung of successive halving, from 0; of other methods 0
 * @param epochs epochs that successive halving gives it, else null
 * @param promotedFrom trial with the same parameters and fewer epochs, null if there is none
 * @param state its state
 * @param reason why it failed
 * @param metric the objective on DEV, once it is SUCCEEDED
 * @param devMetrics all metrics on DEV
 * @param trainedEpochs epochs after which its training ended, null if they were not reported
 * @param seconds wall-clock time of its training, once it is SUCCEEDED
 * @param createdAt when it was submitted
 * @param finishedAt when it ended
 */
public record Trial(
        @JsonIgnore UUID searchId,
        int number,
        @ColumnName("run_id") @Nullable UUID run,
        @Nullable String runState,
        @Json Map<String, Object> parameters,
        int rung,
        @Nullable Integer epochs,
        @Nullable Integer promotedFrom,
        State state,
        @Nullable String reason,
        @Nullable Double metric,
        @Json Map<String, Double> devMetrics,
        @Nullable Integer trainedEpochs,
        @Nullable Double seconds,
        Instant createdAt,
        @Nullable Instant finishedAt) {

    /** State of a trial. */
    @Schema(name = "TrialState")
    public enum State {
        /** Its run waits or is in progress. */
        RUNNING,
        SUCCEEDED,
        FAILED,
        CANCELLED
    }

    PastTrial past() {
        Score score = state == State.SUCCEEDED ? new Score(metric, devMetrics.get("logLoss")) : null;
        return new PastTrial(number, parameters, rung, state != State.RUNNING, score);
    }
}
