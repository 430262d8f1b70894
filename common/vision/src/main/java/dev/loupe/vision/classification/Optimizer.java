package dev.loupe.vision.classification;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.loupe.vision.net.TrainableNetwork;
import java.util.ArrayList;
import java.util.List;

/**
 * Changes the weights of a network by their gradients, with moments that can be saved and restored, which DJL's own
 * optimizers do not allow.
 */
public final class Optimizer {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;
    /** Keeps a gradient of 0 from being divided by 0, as in PyTorch. */
    private static final double CLIPPING_EPSILON = 1e-6;

    private final TrainableNetwork network;
    private final OptimizerSettings settings;
    private final List<NDArray> firstMoments;
    private final List<NDArray> secondMoments;

    /** @param state state with the moments, which are 0 if it has none */
    public Optimizer(TrainableNetwork network, OptimizerSettings settings, TrainingState state, NDManager manager) {
        this.network = network;
        this.settings = settings;
        this.firstMoments = moments(state.firstMoments(), manager);
        this.secondMoments =
                settings.kind() == OptimizerSettings.Kind.SGD ? List.of() : moments(state.secondMoments(), manager);
    }

    private List<NDArray> moments(List<float[]> saved, NDManager manager) {
        List<NDArray> moments = new ArrayList<>();
        for (NDArray weight : network.arrays()) {
            Shape shape = weight.getShape();
            moments.add(saved.isEmpty() ? manager.zeros(shape) : manager.create(saved.get(moments.size()), shape));
        }
        return moments;
    }

    /**
     * Makes a step with the gradients of the last backward pass.
     *
     * @param step number of this step, from 1
     * @param rate learning rate
     * @param scope manager that owns the temporary arrays
     */
    public void step(long step, double rate, NDManager scope) {
        List<NDArray> gradients = gradients(scope);
        clip(gradients, scope);
        List<NDArray> weights = network.arrays();
        for (int i = 0; i < weights.size(); i++) {
            if (network.learnt(i)) {
                // Without its gradient, so that the change itself is not recorded; the values are shared.
                NDArray weight = in(scope, weights.get(i).stopGradient());
                double decay = network.decayed(i) ? settings.weightDecay() : 0;
                change(i, weight, gradients.get(i), decay, step, rate * network.rateFactor(i), scope);
                gradients.get(i).muli(0); // the next backward pass adds to it
            }
        }
    }

    private List<NDArray> gradients(NDManager scope) {
        List<NDArray> weights = network.arrays();
        List<NDArray> gradients = new ArrayList<>();
        for (int i = 0; i < weights.size(); i++) {
            gradients.add(network.learnt(i) ? in(scope, weights.get(i).getGradient()) : null);
        }
        return gradients;
    }

    private void clip(List<NDArray> gradients, NDManager scope) {
        if (settings.clipNorm() == 0) {
            return;
        }
        double squares = 0;
        for (NDArray gradient : gradients) {
            if (gradient != null) {
                squares += in(scope, in(scope, gradient.square()).sum()).getFloat();
            }
        }
        double factor = settings.clipNorm() / (Math.sqrt(squares) + CLIPPING_EPSILON);
        for (NDArray gradient : gradients) {
            if (gradient != null && factor < 1) {
                gradient.muli(factor);
            }
        }
    }

    private void change(
            int index, NDArray weight, NDArray gradient, double decay, long step, double rate, NDManager scope) {
        boolean decoupled = settings.kind() == OptimizerSettings.Kind.ADAMW;
        if (decay > 0 && decoupled) {
            weight.muli(1 - rate * decay);
        } else if (decay > 0) {
            gradient.addi(in(scope, weight.mul(decay)));
        }
        NDArray first = firstMoments.get(index);
        if (settings.kind() == OptimizerSettings.Kind.SGD) {
            first.muli(settings.momentum()).addi(gradient);
            NDArray direction = in(scope, first.duplicate());
            if (settings.nesterov()) {
                direction.muli(settings.momentum()).addi(gradient);
            }
            weight.subi(direction.muli(rate));
            return;
        }
        NDArray second = secondMoments.get(index);
        first.muli(BETA1).addi(in(scope, gradient.mul(1 - BETA1)));
        second.muli(BETA2).addi(in(scope, gradient.square()).muli(1 - BETA2));
        NDArray divisor = in(scope, second.sqrt())
                .muli(1 / Math.sqrt(1 - Math.pow(BETA2, step)))
                .addi(EPSILON);
        weight.subi(in(scope, first.div(divisor)).muli(rate / (1 - Math.pow(BETA1, step))));
    }

    /** The result of an operation belongs to the manager of its first argument, which lives longer than a step. */
    private static NDArray in(NDManager scope, NDArray array) {
        array.attach(scope);
        return array;
    }

    /** Copies of the first moments. */
    public List<float[]> firstMoments() {
        return copies(firstMoments);
    }

    /** Copies of the second moments. */
    public List<float[]> secondMoments() {
        return copies(secondMoments);
    }

    private static List<float[]> copies(List<NDArray> arrays) {
        return arrays.stream().map(NDArray::toFloatArray).toList();
    }
}
