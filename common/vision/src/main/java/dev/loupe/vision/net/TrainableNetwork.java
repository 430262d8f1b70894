package dev.loupe.vision.net;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.List;

/** A network in native memory whose weights are trained. Not thread-safe. */
public interface TrainableNetwork {

    /** Builds a network. */
    @FunctionalInterface
    interface Builder {
        /**
         * @param weights initial weights
         * @param input shape of a batch
         * @param manager manager that owns the weights
         */
        TrainableNetwork build(List<float[]> weights, Shape input, NDManager manager);
    }

    /** Runs the network; the input's manager owns the result. */
    NDArray forward(NDArray input, boolean training);

    /** The weights, always in the same order; those that are not learnt have no gradient. */
    List<NDArray> arrays();

    /** Whether a weight is learnt by gradient descent; running statistics and frozen weights are not. */
    boolean learnt(int weight);

    /** Whether weight decay changes a weight: kernels and matrices, not biases and normalisation. */
    default boolean decayed(int weight) {
        return arrays().get(weight).getShape().dimension() > 1;
    }

    /** Factor of the learning rate of a weight. */
    default double rateFactor(int weight) {
        return 1;
    }

    /** Copies of the weights. */
    default List<float[]> weights() {
        return arrays().stream().map(NDArray::toFloatArray).toList();
    }

    /** Replaces the weights. */
    default void set(List<float[]> weights) {
        List<NDArray> arrays = arrays();
        for (int i = 0; i < arrays.size(); i++) {
            arrays.get(i).set(FloatBuffer.wrap(weights.get(i)));
        }
    }
}
