package dev.loupe.inference.threshold;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.model.ClopperPearson;
import java.time.Instant;

/**
 * A threshold in responses.
 *
 * @param number number of the threshold version; absent if it is not saved
 * @param current whether the model version decides with it
 * @param value score from which an image is anomalous
 * @param dev its errors on the DEV images; absent if the package has no DEV scores
 */
@JsonInclude(Include.NON_NULL)
record ThresholdView(
        Integer number,
        boolean current,
        double value,
        ThresholdMethod method,
        Double target,
        Double confidence,
        String how,
        DevErrors dev,
        String reason,
        String actor,
        Instant createdAt) {
    private static final double CONFIDENCE = 0.95;

    /**
     * Errors on the DEV images.
     *
     * @param falseAlarms of the normal images
     * @param misses of the abnormal images
     */
    record DevErrors(ErrorRate falseAlarms, ErrorRate misses) {}

    /**
     * How often a kind of error happens.
     *
     * @param count number of errors
     * @param images number of images
     * @param rate their ratio; absent without images, as are the limits
     * @param lower lower limit of its 95 % confidence interval by Clopper and Pearson
     * @param upper upper limit of the interval
     */
    @JsonInclude(Include.NON_NULL)
    record ErrorRate(int count, int images, Double rate, Double lower, Double upper) {
        static ErrorRate of(int count, int images) {
            if (images == 0) {
                return new ErrorRate(0, 0, null, null, null);
            }
            ClopperPearson.Interval interval = ClopperPearson.interval(count, images, CONFIDENCE);
            return new ErrorRate(count, images, (double) count / images, interval.lower(), interval.upper());
        }
    }

    /**
     * @param current number of the current threshold version
     */
    static ThresholdView of(ThresholdVersion threshold, int current) {
        return new ThresholdView(
                threshold.number(),
                threshold.number() != null && threshold.number() == current,
                threshold.value(),
                threshold.method(),
                threshold.target(),
                threshold.confidence(),
                threshold.how(),
                threshold.normal() == null
                        ? null
                        : new DevErrors(
                                ErrorRate.of(threshold.falseAlarms(), threshold.normal()),
                                ErrorRate.of(threshold.misses(), threshold.abnormal())),
                threshold.reason(),
                threshold.actor(),
                threshold.createdAt());
    }
}
