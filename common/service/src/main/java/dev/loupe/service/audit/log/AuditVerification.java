package dev.loupe.service.audit.log;

import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What a verification of the audit log has found. */
@Schema(
        name = "AuditVerification",
        requiredProperties = {"valid", "entries", "head", "problemCount", "problems"})
public record AuditVerification(
        @Schema(description = "whether no entry was changed, removed, inserted or moved")
        boolean valid,

        @Schema(description = "number of entries in the chain")
        long entries,

        @Schema(description = "the last entry. Keep it elsewhere: a later verification can expect it")
        Head head,

        long problemCount,

        @Schema(description = "the first 100 problems") List<Problem> problems) {

    /** What is wrong with an entry. */
    public enum Kind {
        /** Its content or its place is not what its hash was computed of. */
        CHANGED,
        /** It, or its content, is missing. */
        REMOVED,
        /** It is in the log, but not in the chain, or has a place that the chain cannot have. */
        INSERTED,
        /** It does not follow the entry before it. */
        UNLINKED,
        /** The log ends before the expected head, or has another entry there. */
        CUT
    }

    /** The end of the chain: {@code 0} and 64 zeros if it is empty. */
    @Schema(name = "AuditHead")
    public record Head(
            @Schema(required = true) long serial,
            @Schema(required = true) String hash) {
        @Override
        public String toString() {
            return serial + ":" + hash;
        }
    }

    /** A problem of an entry. */
    @Schema(name = "AuditProblem")
    public record Problem(
            @Schema(required = true) Kind kind,

            @Schema(description = "of the entry; absent if it has none")
            Long serial,

            @Schema(description = "id of the entry, if it is known")
            UUID id,

            @Schema(required = true) String message) {}

    public AuditVerification {
        problems = List.copyOf(problems);
    }
}
