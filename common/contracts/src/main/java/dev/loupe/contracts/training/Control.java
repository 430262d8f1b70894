package dev.loupe.contracts.training;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a training reaches without what its model is meant to have learned: a cheap model that was trained beside it, on
 * features of a network with random weights. It is measured on the same images as the model.
 *
 * @param name what it is, in a few words: {@code transfer on a random network}
 * @param metric name of the main metric: {@code accuracy}, in anomaly detection {@code auroc}
 * @param split split of the images: TEST, or DEV if there are no TEST images
 * @param images number of these images
 * @param trainImages number of TRAIN images that it has learned from
 * @param value its main metric
 * @param metrics all that was measured of it
 * @param difference main metric of the model minus {@code value}, with its 95 % interval; without ends if it has none
 * @param verdict whether the model is better
 * @param advice what to do if it is not, in sentences; empty if it is
 * @param seconds wall-clock time that it took
 */
public record Control(
        String name,
        String metric,
        Split split,
        int images,
        int trainImages,
        double value,
        Map<String, Double> metrics,
        Estimate difference,
        Verdict verdict,
        List<String> advice,
        double seconds) {

    /** Whether a model is better than its control. */
    public enum Verdict {
        /** The interval of the difference is above 0. */
        BETTER,
        /** The interval contains 0 or is below, or there are too few images for an interval. */
        NOT_SHOWN_BETTER
    }

    public Control {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(metric, "metric");
        Objects.requireNonNull(difference, "difference");
        Objects.requireNonNull(verdict, "verdict");
        metrics = Metrics.check(metrics);
        advice = advice == null ? List.of() : List.copyOf(advice);
    }
}
