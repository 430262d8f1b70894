package dev.loupe.inference.registry;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.mapper.reflect.ColumnName;
import org.jdbi.v3.json.Json;

/**
 * One move of an alias.
 *
 * @param alias name of the alias
 * @param version number of the version that it points at after the move
 * @param generation generation of the alias after the move
 * @param previousVersion number of the version that it pointed at before, null for the first move
 * @param kind kind of the move
 * @param gate outcome of the comparison with the previous version
 * @param gateDetail the comparison in words
 * @param reason reason that the actor gave, may be null
 * @param actor who moved it
 * @param movedAt time of the move; null in a dry run
 * @param checks checks of the policy, empty for a rollback and for moves of older releases
 * @param policyRevision revision of the policy that the checks follow from, null if there were none
 * @param approvedBy who approved it, null if no approval was necessary
 * @param rollbackGeneration generation that a rollback from here restores, null if there is none
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
        @Json List<PromotionCheck> checks,
        Long policyRevision,
        String approvedBy,
        @JsonIgnore @ColumnName("back_to") Long rollbackGeneration) {

    /** Kind of a move. */
    public enum Kind {
        PROMOTION,
        ROLLBACK
    }
}
