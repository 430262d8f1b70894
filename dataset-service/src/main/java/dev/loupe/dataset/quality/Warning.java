package dev.loupe.dataset.quality;

/**
 * What people should know of a dataset version before they train on it. It stops nothing.
 *
 * @param code for machines
 * @param message for people, with the figures
 */
public record Warning(Code code, String message) {
    /** What may be wrong. */
    public enum Code {
        /** Images without a label were left out. */
        UNLABELLED_LEFT_OUT,
        /** Too few images to learn from. */
        TOO_FEW_IMAGES,
        /** More normal images than help. */
        MORE_NORMAL_THAN_HELP,
        /** Too few normal images in DEV to choose a threshold on. */
        FEW_NORMAL_IN_DEV,
        /** Some classes have many times the images of others. */
        HEAVY_IMBALANCE,
        /** The same bytes came in several splits. */
        DUPLICATES_ACROSS_SPLITS,
        /** The same bytes came with several labels. */
        DUPLICATES_ACROSS_LABELS,
        /** Recall cannot be measured. */
        NO_ABNORMAL_IN_TEST,
        /** The false-positive rate cannot be measured. */
        NO_NORMAL_IN_TEST,
        /** A class that cannot be evaluated. */
        CLASS_MISSING_FROM_TEST,
        /** A class that no model can learn: in earlier versions only, because a freeze refuses it now. */
        CLASS_MISSING_FROM_TRAIN
    }
}
