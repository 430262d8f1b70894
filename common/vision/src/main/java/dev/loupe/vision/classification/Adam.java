package dev.loupe.vision.classification;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.loupe.vision.net.NetBlock;
import java.util.ArrayList;
import java.util.List;

/**
 * The Adam optimizer on the weights of a {@link NetBlock}, with moments that can be saved and restored, which DJL's own
 * optimizer does not allow. An L2 penalty is part of the objective (its gradient goes through the moments) and applies
 * to matrices and kernels only, so that the standard ridge-penalized loss is minimized.
 *
 * <p>Source: Kingma and Ba, "Adam", ICLR 2015, algorithm 1, with the bias correction folded into the rate (section 2).
 */
final class Adam {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;
    private static final float NO_CLIPPING = -1;

    private final NetBlock block;
    private final double penalty;
    private final List<NDArray> firstMoments = new ArrayList<>();
    private final List<NDArray> secondMoments = new ArrayList<>();

    Adam(NetBlock block, double penalty, TrainingState state, NDManager manager) {
        this.block = block;
        this.penalty = penalty;
        List<NDArray> weights = block.arrays();
        for (int i = 0; i < weights.size(); i++) {
            Shape shape = weights.get(i).getShape();
            firstMoments.add(manager.create(state.firstMoments().get(i), shape));
            secondMoments.add(manager.create(state.secondMoments().get(i), shape));
        }
    }

    /**
     * Makes a step with the gradients of the last backward pass.
     *
     * @param step number of this step, from 1
     * @param rate learning rate
     * @param scope manager that owns the temporary arrays
     */
    void step(long step, double rate, NDManager scope) {
        double corrected = rate * Math.sqrt(1 - Math.pow(BETA2, step)) / (1 - Math.pow(BETA1, step));
        List<NDArray> weights = block.arrays();
        for (int i = 0; i < weights.size(); i++) {
            if (!block.learnt(i)) {
                continue;
            }
            NDArray weight = weights.get(i);
            NDArray gradient = weight.getGradient();
            gradient.attach(scope);
            boolean penalised = weight.getShape().dimension() > 1;
            NDList update = new NDList(weight, gradient, firstMoments.get(i), secondMoments.get(i));
            weight.getNDArrayInternal()
                    .adamUpdate(
                            update,
                            new NDList(weight),
                            (float) rate,
                            (float) corrected,
                            penalised ? (float) penalty : 0,
                            1,
                            NO_CLIPPING,
                            (float) BETA1,
                            (float) BETA2,
                            (float) EPSILON,
                            false,
                            false);
        }
    }

    List<float[]> firstMoments() {
        return firstMoments.stream().map(NDArray::toFloatArray).toList();
    }

    List<float[]> secondMoments() {
        return secondMoments.stream().map(NDArray::toFloatArray).toList();
    }
}
