package dev.loupe.inference.threshold;

import java.time.Instant;

/**
 * A threshold of a detector. Immutable. Public, because Jdbi constructs only public records.
 *
 * @param number 1, 2, 3, … within the model version; 1 is that of the package; null if it is not saved
 * @param value score from which an image is anomalous
 * @param method how it was chosen
 * @param target the false-alarm rate or the recall that was asked for, else null
 * @param confidence of a false-alarm rate, else null
 * @param how how it was chosen, for people
 * @param normal number of normal DEV images; null, as are the next three, if the package has no DEV scores
 * @param falseAlarms how many of them are anomalous
 * @param abnormal number of abnormal DEV images
 * @param misses how many of them are not anomalous
 * @param reason why it was set, null for the one of the package
 * @param actor who set it, null for the one of the package
 * @param createdAt when it was set, null if it is not saved
 */
public record ThresholdVersion(
        Integer number,
        double value,
        ThresholdMethod method,
        Double target,
        Double confidence,
        String how,
        Integer normal,
        Integer falseAlarms,
        Integer abnormal,
        Integer misses,
        String reason,
        String actor,
        Instant createdAt) {

    /** A threshold that is not saved. */
    static ThresholdVersion of(
            ThresholdMethod method,
            Double target,
            Double confidence,
            DetectorScores.Choice choice,
            DetectorScores dev) {
        return new ThresholdVersion(
                null,
                choice.value(),
                method,
                target,
                confidence,
                choice.how(),
                dev == null ? null : dev.normal(),
                dev == null ? null : dev.falseAlarms(choice.value()),
                dev == null ? null : dev.abnormal(),
                dev == null ? null : dev.misses(choice.value()),
                null,
                null,
                null);
    }

    /** This threshold, saved. */
    ThresholdVersion saved(int as, String why, String by, Instant at) {
        return new ThresholdVersion(
                as, value, method, target, confidence, how, normal, falseAlarms, abnormal, misses, why, by, at);
    }
}
