package dev.loupe.dataset.quality;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;

/**
 * A problem of a dataset version that people should know before they train on it. It does not prevent training.
 *
 * @param code code for machines
 * @param message message for people, with the figures
 * @param findings kind of the findings that show the problem, absent if there are none
 */
@JsonInclude(Include.NON_NULL)
public record Warning(Code code, String message, FindingKind findings) {
    public Warning(Code code, String message) {
        this(code, message, null);
    }

    /** Kind of problem. */
    public enum Code {
        /** Images without a label were left out. */
        UNLABELLED_LEFT_OUT,
        /** Too few images to learn from. */
        TOO_FEW_IMAGES,
        /** More normal images than improve a model. */
        MORE_NORMAL_THAN_HELP,
        /** Too few normal images in DEV to choose a threshold on. */
        FEW_NORMAL_IN_DEV,
        /** Some classes have many times the images of others. */
        HEAVY_IMBALANCE,
        /** The same bytes were uploaded in several splits. */
        DUPLICATES_ACROSS_SPLITS,
        /** The same bytes were uploaded with several labels. */
        DUPLICATES_ACROSS_LABELS,
        /** Images that look alike are in several splits. */
        NEAR_DUPLICATES_ACROSS_SPLITS,
        /** Images that look alike have several labels. */
        NEAR_DUPLICATES_ACROSS_LABELS,
        /** Images are much darker or brighter than the others. */
        EXPOSURE_OUTLIERS,
        /** Images are much less sharp than the others. */
        BLURRED_IMAGES,
        /** Images have another size or shape than the others. */
        SIZE_OUTLIERS,
        /** Most images of a class look like another one of it. */
        LITTLE_DIVERSITY,
        /** Training runs found labels that are probably wrong. */
        LIKELY_WRONG_LABELS,
        /** Recall cannot be measured. */
        NO_ABNORMAL_IN_TEST,
        /** The false-positive rate cannot be measured. */
        NO_NORMAL_IN_TEST,
        /** A class cannot be evaluated, because it has no TEST images. */
        CLASS_MISSING_FROM_TEST,
        /** A class cannot be learned. Occurs in older versions only: a freeze rejects it now. */
        CLASS_MISSING_FROM_TRAIN
    }
}
