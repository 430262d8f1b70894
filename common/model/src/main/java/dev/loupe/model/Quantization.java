package dev.loupe.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.loupe.model.ModelManifest.ParitySample;
import java.util.List;

/**
 * How the model does when it computes with 8-bit integers, compared with {@code model.onnx} on the DEV images, and whether
 * the package therefore contains it.
 *
 * @param file path of that model in the package, null if it was refused
 * @param metric metric that both were compared by, null if they were not compared
 * @param fp32 the metric of {@code model.onnx}
 * @param int8 the metric of the model with 8-bit integers
 * @param agreement share of the images for which both decide the same, 0 to 1
 * @param images number of DEV images that both were compared on
 * @param calibrationImages number of DEV images that the ranges of its values were found on
 * @param accepted whether the package contains it
 * @param reason why it was refused, null if it was accepted
 * @param parityTolerance largest difference of its parity samples' outputs, as {@link Predictor#PARITY_TOLERANCE}
 * @param paritySamples the package's parity samples, with the outputs of this model
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Quantization(
        String file,
        String metric,
        Double fp32,
        Double int8,
        Double agreement,
        int images,
        int calibrationImages,
        boolean accepted,
        String reason,
        double parityTolerance,
        List<ParitySample> paritySamples) {
    /** Path of the model with 8-bit integers in a package. */
    public static final String FILE = "model.int8.onnx";
    /**
     * Largest difference of a parity sample. Where a float that is to be rounded to 8 bits lies between two of them, the
     * last digit decides, and that depends on the processor: one step in one value, which later layers may enlarge.
     */
    public static final double TOLERANCE = 0.02;

    public Quantization {
        if (accepted != (reason == null) || accepted != (file != null)) {
            throw new IllegalArgumentException(
                    "quantization: expected a file if it was accepted, and a reason if it was refused");
        }
        paritySamples = paritySamples == null ? List.of() : List.copyOf(paritySamples);
    }

    /** The same result, with parity samples. */
    public Quantization with(List<ParitySample> samples) {
        return new Quantization(
                file,
                metric,
                fp32,
                int8,
                agreement,
                images,
                calibrationImages,
                accepted,
                reason,
                parityTolerance,
                samples);
    }
}
