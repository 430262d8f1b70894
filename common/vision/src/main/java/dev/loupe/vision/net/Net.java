package dev.loupe.vision.net;

import dev.loupe.vision.net.Layer.BatchNorm;
import dev.loupe.vision.net.Layer.Convolution;
import dev.loupe.vision.net.Layer.GlobalAverage;
import dev.loupe.vision.net.Layer.Linear;
import dev.loupe.vision.net.Layer.Relu;
import dev.loupe.vision.net.Layer.Relu6;
import dev.loupe.vision.net.Layer.Residual;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * The description of a network: {@link NetBlock} trains it with DJL, {@link NetOnnx} writes it as an ONNX graph. Its
 * weights are a list of arrays, in the order of {@link #weightShapes()}: in the order of the layers; within a residual
 * layer, the body's before the shortcut's; within a layer, in the order documented in {@link Layer}.
 */
public record Net(List<Layer> layers) {
    private static final int WIDTH = 32;

    public Net {
        layers = List.copyOf(layers);
    }

    /** One linear layer: logistic regression. */
    public static Net linear(int features, int classes) {
        return new Net(List.of(new Linear(features, classes)));
    }

    /**
     * A classifier of images: a residual network of ten layers in four stages, of strides 2, 4, 8 and 16 and 32, 64,
     * 128 and 256 channels.
     */
    public static Net residual(int classes) {
        List<Layer> layers = new ArrayList<>();
        layers.addAll(List.of(new Convolution(3, WIDTH, 3, 2), new BatchNorm(WIDTH), new Relu()));
        layers.addAll(basicBlock(WIDTH, WIDTH, 1));
        layers.addAll(basicBlock(WIDTH, 2 * WIDTH, 2));
        layers.addAll(basicBlock(2 * WIDTH, 4 * WIDTH, 2));
        layers.addAll(basicBlock(4 * WIDTH, 8 * WIDTH, 2));
        layers.addAll(List.of(new GlobalAverage(), new Linear(8 * WIDTH, classes)));
        return new Net(layers);
    }

    /**
     * The layers of MobileNetV2 in three parts: up to stride 8 (32 channels), up to stride 16 (96 channels), and the
     * rest (stride 32, 1280 channels).
     *
     * <p>Source: Sandler et al., "MobileNetV2", CVPR 2018, table 2.
     */
    public static List<Net> mobileStages() {
        List<Layer> fine = new ArrayList<>(List.of(new Convolution(3, 32, 3, 2), new BatchNorm(32), new Relu6()));
        fine.addAll(bottlenecks(32, 16, 1, 1, 1));
        fine.addAll(bottlenecks(16, 24, 6, 2, 2));
        fine.addAll(bottlenecks(24, 32, 6, 3, 2));
        List<Layer> middle = new ArrayList<>(bottlenecks(32, 64, 6, 4, 2));
        middle.addAll(bottlenecks(64, 96, 6, 3, 1));
        List<Layer> coarse = new ArrayList<>(bottlenecks(96, 160, 6, 3, 2));
        coarse.addAll(bottlenecks(160, 320, 6, 1, 1));
        coarse.addAll(List.of(new Convolution(320, 1280, 1, 1), new BatchNorm(1280), new Relu6()));
        return List.of(new Net(fine), new Net(middle), new Net(coarse));
    }

    private static List<Layer> bottlenecks(int in, int out, int expansion, int count, int stride) {
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int from = i == 0 ? in : out;
            int wide = from * expansion;
            List<Layer> body = new ArrayList<>();
            if (expansion > 1) {
                body.addAll(List.of(new Convolution(from, wide, 1, 1), new BatchNorm(wide), new Relu6()));
            }
            body.addAll(List.of(
                    new Convolution(wide, wide, 3, i == 0 ? stride : 1, wide),
                    new BatchNorm(wide),
                    new Relu6(),
                    new Convolution(wide, out, 1, 1),
                    new BatchNorm(out)));
            boolean residual = from == out && (i > 0 || stride == 1);
            layers.addAll(residual ? List.of(new Residual(body, List.of())) : body);
        }
        return layers;
    }

    private static List<Layer> basicBlock(int in, int out, int stride) {
        List<Layer> body = List.of(
                new Convolution(in, out, 3, stride),
                new BatchNorm(out),
                new Relu(),
                new Convolution(out, out, 3, 1),
                new BatchNorm(out));
        List<Layer> shortcut =
                in == out && stride == 1 ? List.of() : List.of(new Convolution(in, out, 1, stride), new BatchNorm(out));
        return List.of(new Residual(body, shortcut), new Relu());
    }

    /** Shapes of the weights. */
    public List<long[]> weightShapes() {
        List<long[]> shapes = new ArrayList<>();
        layers.forEach(layer -> addShapes(layer, shapes));
        return shapes;
    }

    private static void addShapes(Layer layer, List<long[]> shapes) {
        switch (layer) {
            case Convolution c -> shapes.add(new long[] {c.out(), c.in() / c.groups(), c.kernel(), c.kernel()});
            case BatchNorm b -> shapes.addAll(java.util.Collections.nCopies(4, new long[] {b.channels()}));
            case Linear l -> shapes.addAll(List.of(new long[] {l.out(), l.in()}, new long[] {l.out()}));
            case Residual r -> {
                r.body().forEach(inner -> addShapes(inner, shapes));
                r.shortcut().forEach(inner -> addShapes(inner, shapes));
            }
            case Relu _, Relu6 _, GlobalAverage _ -> {}
        }
    }

    /**
     * Initial weights: convolutions normal with variance 2 / fan-in, batch normalization the identity, linear layers 0
     * (the loss is convex in these).
     *
     * <p>Source: He et al., "Delving Deep into Rectifiers", ICCV 2015, section 2.2.
     */
    public List<float[]> initialWeights(long seed) {
        List<float[]> weights = new ArrayList<>();
        Random random = new Random(seed);
        layers.forEach(layer -> addInitial(layer, random, weights));
        return weights;
    }

    private static void addInitial(Layer layer, Random random, List<float[]> weights) {
        switch (layer) {
            case Convolution c -> {
                float[] values = new float[c.out() * c.fanIn()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) (Math.sqrt(2.0 / c.fanIn()) * random.nextGaussian());
                }
                weights.add(values);
            }
            case BatchNorm b -> {
                for (float value : new float[] {1, 0, 0, 1}) {
                    float[] values = new float[b.channels()];
                    Arrays.fill(values, value);
                    weights.add(values);
                }
            }
            case Linear l -> weights.addAll(List.of(new float[l.out() * l.in()], new float[l.out()]));
            case Residual r -> {
                r.body().forEach(inner -> addInitial(inner, random, weights));
                r.shortcut().forEach(inner -> addInitial(inner, random, weights));
            }
            case Relu _, Relu6 _, GlobalAverage _ -> {}
        }
    }
}
