package dev.loupe.inference.registry;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * One condition of a promotion, and the evidence for its outcome. Public, because it is stored with a move.
 *
 * @param kind kind of the condition
 * @param subject metric or label that it is about, null if about neither
 * @param outcome outcome of the check
 * @param expected what the policy expects
 * @param found what was found, with the figures that it follows from
 * @param remedy what supplies the missing evidence of an {@link Outcome#INCONCLUSIVE} check, else null
 */
public record PromotionCheck(
        Kind kind,
        String subject,
        Outcome outcome,
        String expected,
        String found,

        @Schema(description = "what supplies the missing evidence of an INCONCLUSIVE check")
        String remedy) {

    /** Kind of a condition. */
    @Schema(name = "CheckKind")
    public enum Kind {
        /** Not worse than the version that the alias points at, on the same TEST images. */
        NOT_WORSE,
        /** A metric on the TEST images is at least the floor of the policy. */
        METRIC_FLOOR,
        /** The recall of a label on the TEST images is at least the floor of the policy. */
        RECALL_FLOOR,
        /** There are at least as many TEST images as the policy expects. */
        TEST_IMAGES
    }

    /** Outcome of a check. A version is promoted only if all checks pass. */
    @Schema(name = "CheckOutcome")
    public enum Outcome {
        PASS,
        FAIL,
        /** The evidence is missing, or does not suffice. */
        INCONCLUSIVE
    }

    /** The check as part of a sentence. */
    String sentence() {
        return (subject == null ? "" : kind == Kind.RECALL_FLOOR ? "recall of '" + subject + "' " : subject + " ")
                + found
                + (outcome == Outcome.PASS ? "" : " (" + outcome + ", expected " + expected + ")")
                + (remedy == null ? "" : "; " + remedy);
    }
}
