package dev.loupe.inference.traffic;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.UUID;
import org.jdbi.v3.json.Json;

/**
 * Steps by which the weight of a candidate grows, as long as its bounds hold.
 *
 * @param candidate number of the version
 * @param revision revision of the candidate in this step
 * @param step index of the step, 0 for the first
 * @param message what has decided, or while it runs, what is known now
 * @param force whether its candidate was forced
 * @param reason reason that the actor gave, may be null
 * @param actor who started it
 */
public record Rollout(
        @JsonIgnore UUID projectId,
        String alias,
        int candidate,
        long revision,
        @Json RolloutPlan plan,
        int step,
        State state,
        String message,
        boolean force,
        String reason,
        String actor,
        Instant startedAt,
        Instant stepStartedAt) {

    /** State of a rollout. */
    public enum State {
        RUNNING,
        /** The last step has passed: the candidate can be promoted. */
        SUCCEEDED,
        /** A bound did not hold: the holder answers all requests. */
        ROLLED_BACK,
        /** The evidence does not suffice, the next step was refused, or the candidate was changed: its weight stays. */
        STOPPED
    }

    /** The weight of the step, in percent. */
    double weight() {
        return plan.steps().get(step);
    }

    Rollout ended(State end, String why) {
        return with(revision, step, end, why, stepStartedAt);
    }

    Rollout stepped(long nextRevision, String found, Instant at) {
        return with(nextRevision, step + 1, State.RUNNING, found, at);
    }

    Rollout found(String now) {
        return with(revision, step, state, now, stepStartedAt);
    }

    private Rollout with(long atRevision, int atStep, State in, String why, Instant stepStart) {
        return new Rollout(
                projectId,
                alias,
                candidate,
                atRevision,
                plan,
                atStep,
                in,
                why,
                force,
                reason,
                actor,
                startedAt,
                stepStart);
    }
}
