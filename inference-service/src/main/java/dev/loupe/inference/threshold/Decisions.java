package dev.loupe.inference.threshold;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.model.ScoreCalibration;
import java.util.Arrays;
import java.util.List;

/**
 * Decisions on scores with one threshold version.
 *
 * @param threshold number of the threshold version
 * @param value score from which an image is anomalous
 * @param decisions one for each score, in order
 */
record Decisions(int threshold, double value, List<Decision> decisions) {

    /**
     * A decision.
     *
     * @param calibratedScore 0 to 1, 0.5 at the threshold; absent if the package has no DEV scores
     */
    @JsonInclude(Include.NON_NULL)
    record Decision(double score, boolean anomalous, Float calibratedScore) {}

    static Decisions of(ThresholdVersion threshold, ScoreCalibration calibration, double[] scores) {
        return new Decisions(
                threshold.number(),
                threshold.value(),
                Arrays.stream(scores)
                        .mapToObj(score -> new Decision(
                                score,
                                score >= threshold.value(),
                                calibration == null ? null : calibration.calibrate(score, threshold.value())))
                        .toList());
    }
}
