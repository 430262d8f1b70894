package dev.loupe.vision.classification;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.loupe.vision.net.TrainableNetwork;
import java.util.ArrayList;
import java.util.List;

/**
 * An exponential moving average of all weights, which is evaluated in place of the weights.
 *
 * <p>Source: Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992; the first averages are
 * over few steps, as in TensorFlow's ExponentialMovingAverage.
 */
final class WeightAverage {
    private static final double WARM_UP = 10;

    private final TrainableNetwork network;
    private final double decay;
    private final List<NDArray> averages = new ArrayList<>();

    /** @param decay share of the average that a step keeps, 0 for no average */
    WeightAverage(TrainableNetwork network, double decay, TrainingState state, NDManager manager) {
        this.network = network;
        this.decay = decay;
        if (decay > 0) {
            List<float[]> start = state.average().isEmpty() ? state.weights() : state.average();
            for (NDArray weight : network.arrays()) {
                averages.add(manager.create(start.get(averages.size()), weight.getShape()));
            }
        }
    }

    /** Takes the weights after a step, counted from 1, into the average. */
    void step(long step, NDManager scope) {
        double kept = Math.min(decay, (1.0 + step) / (WARM_UP + step));
        for (int i = 0; i < averages.size(); i++) {
            NDArray weight = network.arrays().get(i).stopGradient();
            weight.attach(scope);
            NDArray part = weight.mul(1 - kept);
            part.attach(scope);
            averages.get(i).muli(kept).addi(part);
        }
    }

    /** The averages, empty without an average. */
    List<float[]> weights() {
        return averages.stream().map(NDArray::toFloatArray).toList();
    }
}
