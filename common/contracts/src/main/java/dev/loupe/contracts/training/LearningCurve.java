package dev.loupe.contracts.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import java.util.List;

/**
 * How the accuracy on DEV grows with the number of TRAIN images: of linear heads on frozen features, which have learned
 * from parts of TRAIN. The trainer writes it as {@code attempts/N/learning-curve.json}, before the result of the attempt.
 *
 * @param skipped why it was not measured, null if it was
 * @param backbone name of the backbone whose features were used, null if it was not measured
 * @param devImages number of DEV images
 * @param points measured points, the smallest part first
 * @param law curve through the points, null if it was not measured
 * @param gainOfDoubling expected gain of accuracy from twice as many TRAIN images, null if it was not measured
 * @param sufficientImages number of TRAIN images from which on twice as many gain less than {@value #SMALL_GAIN}; null if
 *     it is beyond {@value #MAX_EXTRAPOLATION} times the present number
 */
@JsonInclude(Include.NON_NULL)
public record LearningCurve(
        Skipped skipped,
        String backbone,
        int devImages,
        List<Point> points,
        Law law,
        Estimate gainOfDoubling,
        Integer sufficientImages) {
    /** Gain of accuracy below which more images hardly help: half a percentage point. */
    public static final double SMALL_GAIN = 0.005;
    /** Largest multiple of the number of TRAIN images for which something is said. */
    public static final int MAX_EXTRAPOLATION = 16;
    /** Most bytes of a document. */
    public static final long MAX_BYTES = 1L << 16;

    public LearningCurve {
        points = points == null ? List.of() : List.copyOf(points);
    }

    /** A curve that was not measured. */
    public static LearningCurve skipped(Skipped why) {
        return new LearningCurve(why, null, 0, List.of(), null, null, null);
    }

    /** Key of the document of an attempt, in the run's folder. */
    public static String key(int attempt) {
        return "attempts/" + attempt + "/learning-curve.json";
    }

    /**
     * A measured point.
     *
     * @param images number of TRAIN images that a head has learned from
     * @param accuracy mean accuracy on DEV of the heads that have learned from so many
     */
    public record Point(int images, Estimate accuracy) {}

    /**
     * The curve: the error with n images is {@code c + a * (n / n0)^-b}.
     *
     * @param n0 number of TRAIN images
     */
    public record Law(double n0, double a, double b, double c) {}
}
