package dev.loupe.inference.threshold;

/** How a threshold was chosen. */
public enum ThresholdMethod {
    /** By the training; only of threshold version 1, which the package contains. */
    TRAINING,
    /** The best F1 on the DEV images. */
    BEST_F1,
    /** The lowest threshold whose false-alarm rate is at most the target, with the confidence. */
    FALSE_ALARM_RATE,
    /** The highest threshold that at least the target share of the abnormal DEV images reaches. */
    RECALL,
    /** A given value. */
    MANUAL
}
