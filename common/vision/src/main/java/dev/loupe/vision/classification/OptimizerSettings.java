package dev.loupe.vision.classification;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * How weights follow their gradients, with the formulas of PyTorch.
 *
 * @param learningRate learning rate, before the schedule's factor
 * @param momentum share of the last step that SGD makes again, 0 for none
 * @param nesterov whether SGD looks ahead by the momentum (Sutskever et al., ICML 2013)
 * @param weightDecay for matrices and kernels, never for biases and batch normalisation: an L2 penalty {@code
 *     weightDecay / 2 * |W|^2}, except with AdamW, which shrinks the weights themselves
 * @param clipNorm largest norm of the gradient of all weights, 0 for no limit
 */
public record OptimizerSettings(
        Kind kind, double learningRate, double momentum, boolean nesterov, double weightDecay, double clipNorm) {

    /** The algorithm. */
    public enum Kind {
        /** Stochastic gradient descent with momentum. */
        SGD,
        /** Kingma and Ba, "Adam", ICLR 2015, algorithm 1. */
        ADAM,
        /** Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, algorithm 2. */
        ADAMW;

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Adam with an L2 penalty. */
    public static OptimizerSettings adam(double learningRate, double weightDecay) {
        return new OptimizerSettings(Kind.ADAM, learningRate, 0, false, weightDecay, 0);
    }
}
