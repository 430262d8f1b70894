package dev.loupe.training.metric;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * What the curves of a training show.
 *
 * @param kind what it is
 * @param epoch epoch that it is about: the one with the lowest loss on DEV
 * @param evidence the values that show it, in a sentence
 * @param advice what to try, in a sentence
 */
@Schema(name = "LearningNote")
public record LearningNote(
        @Schema(required = true) Kind kind,
        @Schema(required = true) long epoch,
        @Schema(required = true) String evidence,
        @Schema(required = true) String advice) {

    /** What curves can show. */
    @Schema(name = "LearningNoteKind")
    public enum Kind {
        /** The model learned the TRAIN images by heart: it became better on them and worse on DEV. */
        OVERFITTING,
        /** The model could learn more from the TRAIN images. */
        UNDERFITTING
    }

    /** The note as one text. */
    public String text() {
        String name = kind == Kind.OVERFITTING ? "Overfitting" : "Underfitting";
        return name + ": " + evidence + " " + advice;
    }
}
