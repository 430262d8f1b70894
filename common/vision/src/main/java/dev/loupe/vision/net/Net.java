package dev.loupe.vision.net;

import dev.loupe.vision.net.Layer.AdaptiveAverage;
import dev.loupe.vision.net.Layer.BatchNorm;
import dev.loupe.vision.net.Layer.Concat;
import dev.loupe.vision.net.Layer.Convolution;
import dev.loupe.vision.net.Layer.Dropout;
import dev.loupe.vision.net.Layer.Flatten;
import dev.loupe.vision.net.Layer.GlobalAverage;
import dev.loupe.vision.net.Layer.Linear;
import dev.loupe.vision.net.Layer.MaxPool;
import dev.loupe.vision.net.Layer.Relu;
import dev.loupe.vision.net.Layer.Relu6;
import dev.loupe.vision.net.Layer.Residual;
import dev.loupe.vision.net.Layer.Upsample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/**
 * The description of a network: {@link NetBlock} trains it with DJL, {@link NetOnnx} writes it as an ONNX graph,
 * {@link Network} names those that are known. Its weights are a list of arrays, in the order of {@link
 * #weightShapes()}: in the order of the layers; within a residual layer, the body's before the shortcut's; within a
 * layer, in the order documented in {@link Layer}.
 */
public record Net(List<Layer> layers) {

    public Net {
        layers = List.copyOf(layers);
    }

    /** One linear layer: logistic regression. */
    public static Net linear(int features, int classes) {
        return new Net(List.of(new Linear(features, classes)));
    }

    /**
     * A linear layer, ReLU and a second linear layer: a multilayer perceptron.
     *
     * @param hidden number of units of the hidden layer, at least 1
     * @param dropout share of these units that a step of the training leaves out, 0 for none
     */
    public static Net perceptron(int features, int hidden, double dropout, int classes) {
        List<Layer> layers = new ArrayList<>(List.of(new Linear(features, hidden), new Relu()));
        if (dropout > 0) {
            layers.add(new Dropout((float) dropout));
        }
        layers.add(new Linear(hidden, classes));
        return new Net(layers);
    }

    /** Number of weights that are learnt: running statistics are not. */
    public long parameterCount() {
        return parameterCount(layers);
    }

    private static long parameterCount(List<Layer> layers) {
        long count = 0;
        for (Layer layer : layers) {
            long own = shapes(layer).stream()
                    .mapToLong(shape -> LongStream.of(shape).reduce(1, Math::multiplyExact))
                    .sum();
            count += layer instanceof BatchNorm ? own / 2 : own;
            count += parameterCount(layer.inner());
        }
        return count;
    }

    /** Shapes of the weights. */
    public List<long[]> weightShapes() {
        List<long[]> shapes = new ArrayList<>();
        addShapes(layers, shapes);
        return shapes;
    }

    private static void addShapes(List<Layer> layers, List<long[]> shapes) {
        for (Layer layer : layers) {
            shapes.addAll(shapes(layer));
            addShapes(layer.inner(), shapes);
        }
    }

    private static List<long[]> shapes(Layer layer) {
        return switch (layer) {
            case Convolution c -> {
                long[] kernel = {c.out(), c.in() / c.groups(), c.kernel(), c.kernel()};
                yield c.bias() ? List.of(kernel, new long[] {c.out()}) : List.<long[]>of(kernel);
            }
            case BatchNorm b -> Collections.nCopies(4, new long[] {b.channels()});
            case Linear l -> List.of(new long[] {l.out(), l.in()}, new long[] {l.out()});
            case Relu _, Relu6 _, MaxPool _, AdaptiveAverage _, GlobalAverage _, Flatten _, Dropout _, Upsample _ ->
                List.of();
            case Residual _, Concat _ -> List.of();
        };
    }

    /**
     * Initial weights: convolutions and linear layers normal with variance 2 / fan-in, biases 0, batch normalization
     * the identity. A last linear layer is 0: the loss is convex in it.
     *
     * <p>Source: He et al., "Delving Deep into Rectifiers", ICCV 2015, section 2.2.
     */
    public List<float[]> initialWeights(long seed) {
        List<float[]> weights = new ArrayList<>();
        addInitial(layers, new Random(seed), weights);
        if (layers.getLast() instanceof Linear) {
            Arrays.fill(weights.get(weights.size() - 2), 0);
        }
        return weights;
    }

    private static void addInitial(List<Layer> layers, Random random, List<float[]> weights) {
        for (Layer layer : layers) {
            switch (layer) {
                case Convolution c -> {
                    weights.add(he(c.out() * c.fanIn(), c.fanIn(), random));
                    if (c.bias()) {
                        weights.add(new float[c.out()]);
                    }
                }
                case BatchNorm b -> {
                    for (float value : new float[] {1, 0, 0, 1}) {
                        float[] values = new float[b.channels()];
                        Arrays.fill(values, value);
                        weights.add(values);
                    }
                }
                case Linear l -> weights.addAll(List.of(he(l.out() * l.in(), l.in(), random), new float[l.out()]));
                case Residual _, Concat _ -> addInitial(layer.inner(), random, weights);
                case Relu _,
                        Relu6 _,
                        MaxPool _,
                        AdaptiveAverage _,
                        GlobalAverage _,
                        Flatten _,
                        Dropout _,
                        Upsample _ -> {}
            }
        }
    }

    private static float[] he(int size, int fanIn, Random random) {
        double deviation = Math.sqrt(2.0 / fanIn);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }
}
