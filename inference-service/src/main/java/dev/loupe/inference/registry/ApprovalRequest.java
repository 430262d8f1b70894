package dev.loupe.inference.registry;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A promotion that another person than its author approves or rejects. Public, because Jdbi constructs only public
 * records.
 *
 * @param number 1, 2, 3, … within the project
 * @param alias alias to move
 * @param version version that it is to point at
 * @param baseGeneration generation of the alias at the request
 * @param force whether to promote even if checks do not pass
 * @param reason reason that the author gave, null if none
 * @param actor author
 * @param createdAt time of the request
 * @param expiresAt time from which it can no longer be approved
 * @param state state
 * @param decidedBy who approved or rejected it, null if it needs or has no decision
 * @param comment comment of the decision, null if none
 * @param decidedAt time of the decision, or of the move that superseded it
 * @param generation generation of the alias after the promotion, null if it is not promoted
 */
public record ApprovalRequest(
        int number,
        String alias,
        int version,
        long baseGeneration,
        boolean force,
        String reason,
        String actor,
        Instant createdAt,
        Instant expiresAt,
        State state,
        String decidedBy,
        String comment,
        Instant decidedAt,
        Long generation) {

    /** State of a request. */
    @Schema(name = "ApprovalState")
    public enum State {
        PENDING,
        /** Approved, or promoted at once because the policy expects no approval. */
        APPROVED,
        REJECTED,
        /** The alias has moved since the request. */
        SUPERSEDED,
        /** There was no decision in time. */
        EXPIRED
    }

    /** Returns this request with a decision. */
    ApprovalRequest decided(State decision, String by, String why, Instant at, Long moved) {
        return new ApprovalRequest(
                number,
                alias,
                version,
                baseGeneration,
                force,
                reason,
                actor,
                createdAt,
                expiresAt,
                decision,
                by,
                why,
                at,
                moved);
    }

    /** Whether this person may not decide on it. The case of letters makes no other person. */
    @JsonIgnore
    boolean isBy(String person) {
        return actor.equalsIgnoreCase(person.strip());
    }
}
