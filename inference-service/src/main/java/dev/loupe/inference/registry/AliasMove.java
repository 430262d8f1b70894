package dev.loupe.inference.registry;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;

/**
 * One move of an alias.
 *
 * @param alias that moved
 * @param version that it points at since
 * @param generation of the alias since
 * @param previousVersion that it pointed at before, null for the first move
 * @param kind what it was
 * @param gate what the comparison with the previous version said
 * @param gateDetail the comparison in words
 * @param reason as the mover gave it, may be null
 * @param actor who moved it
 * @param movedAt when
 * @param backTo the generation that a rollback from here goes back to, null if there is none
 */
public record AliasMove(
        String alias,
        int version,
        long generation,
        Integer previousVersion,
        Kind kind,
        Gate.Outcome gate,
        String gateDetail,
        String reason,
        String actor,
        Instant movedAt,
        @JsonIgnore Long backTo) {

    /** What a move was. */
    public enum Kind {
        PROMOTION,
        ROLLBACK
    }
}
