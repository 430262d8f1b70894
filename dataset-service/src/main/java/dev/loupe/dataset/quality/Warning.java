package dev.loupe.dataset.quality;

/**
 * A problem of a dataset version that people should know before they train on it. It does not prevent training.
 *
 * @param code code for machines
 * @param message message for people, with the figures
 */
public record Warning(Code code, String message) {
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
