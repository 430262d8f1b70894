package dev.loupe.vision.classification;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Softmax cross-entropy, with the formulas of PyTorch.
 *
 * @param labelSmoothing share of each target that is spread over all classes (Szegedy et al., CVPR 2016, section 7)
 * @param imbalance what is done about classes with few examples
 * @param focalGamma exponent of focal loss
 */
public record ClassLoss(double labelSmoothing, Imbalance imbalance, double focalGamma) {
    /** Plain cross-entropy. */
    public static final ClassLoss PLAIN = new ClassLoss(0, Imbalance.NONE, 0);

    /** What is done about classes with few examples. */
    public enum Imbalance {
        NONE,
        /** Errors count in inverse proportion to the number of examples of the class. */
        WEIGHTS,
        /** Examples are drawn so that all classes are equally frequent. */
        SAMPLING,
        /** Examples that are right count less: Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017. */
        FOCAL;

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The factor of each class in the loss. */
    float[] classWeights(int[] counts) {
        float[] weights = new float[counts.length];
        int total = IntStream.of(counts).sum();
        for (int c = 0; c < weights.length; c++) {
            weights[c] = imbalance == Imbalance.WEIGHTS ? (float) total / (weights.length * counts[c]) : 1;
        }
        return weights;
    }

    /**
     * The mean loss.
     *
     * @param scores [n, classes], before softmax
     * @param targets share of each class in each example, row by row, sum 1; a mixed example has several
     * @param weights factor of each class
     * @param scope manager that owns temporary arrays, until after the backward pass: their memory is that of Java
     *     buffers. For that reason no number is a factor: DJL frees the buffer of a number at once
     */
    NDArray mean(NDArray scores, float[] targets, float[] weights, NDManager scope) {
        int classes = weights.length;
        float[] factors = new float[targets.length];
        double sum = 0;
        for (int i = 0; i < targets.length; i++) {
            float weight = weights[i % classes];
            sum += weight * targets[i];
            factors[i] = (float) (weight * ((1 - labelSmoothing) * targets[i] + labelSmoothing / classes));
        }
        for (int i = 0; i < factors.length; i++) {
            factors[i] /= (float) -sum;
        }
        NDArray logarithms = scores.logSoftmax(1);
        NDArray terms = logarithms.mul(scope.create(factors, new Shape(targets.length / classes, classes)));
        if (imbalance == Imbalance.FOCAL) {
            terms = terms.mul(logarithms.exp().neg().add(1).pow(scope.create((float) focalGamma)));
        }
        return terms.sum();
    }
}
