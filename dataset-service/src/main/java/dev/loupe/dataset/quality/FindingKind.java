package dev.loupe.dataset.quality;

/** Kinds of findings about the images of a project. docs/reference/findings.md has the rule of each. */
public enum FindingKind {
    /** Images that look alike. */
    NEAR_DUPLICATES,
    /** An image that is much darker or brighter than the others, or mostly black or white. */
    EXPOSURE,
    /** An image that is much less sharp than the others. */
    BLUR,
    /** An image of another size or shape than the others. */
    SIZE,
    /** A class with many times fewer images than the largest one. */
    LABEL_IMBALANCE,
    /** A label with too few images in a split. */
    TOO_FEW_IMAGES,
    /** A class most of whose images look like another one of it. */
    LITTLE_DIVERSITY,
    /** An image whose label is probably wrong, according to a training run. */
    LIKELY_WRONG_LABEL
}
