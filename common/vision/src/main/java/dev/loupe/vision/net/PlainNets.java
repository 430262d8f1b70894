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
import java.util.ArrayList;
import java.util.List;

/** Networks without residual connections, with the layers and the number of weights of torchvision's. */
final class PlainNets {
    private static final int HIDDEN = 4096;
    private static final float HALF = .5f;
    /** In {@link #VGG11} and {@link #VGG16}: pooling. */
    private static final int POOL = 0;

    private static final int[] VGG11 = {64, POOL, 128, POOL, 256, 256, POOL, 512, 512, POOL, 512, 512, POOL};
    private static final int[] VGG16 = {
        64, 64, POOL, 128, 128, POOL, 256, 256, 256, POOL, 512, 512, 512, POOL, 512, 512, 512, POOL
    };

    private PlainNets() {}

    /** A small network: four times convolution, batch normalisation, ReLU and pooling, of 32 to 256 channels. */
    static Net cnn(int classes) {
        List<Layer> layers = new ArrayList<>();
        int in = 3;
        for (int out : new int[] {32, 64, 128, 256}) {
            layers.addAll(List.of(
                    new Convolution(in, out, 3, 1), new BatchNorm(out), new Relu(), new MaxPool(2, 2, 0, false)));
            in = out;
        }
        layers.addAll(List.of(new GlobalAverage(), new Linear(in, classes)));
        return new Net(layers);
    }

    /**
     * AlexNet in its form for one GPU.
     *
     * <p>Source: Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014.
     */
    static Net alexNet(int classes) {
        MaxPool pool = new MaxPool(3, 2, 0, false);
        return new Net(List.of(
                Convolution.withBias(3, 64, 11, 4, 2),
                new Relu(),
                pool,
                Convolution.withBias(64, 192, 5, 1, 2),
                new Relu(),
                pool,
                Convolution.withBias(192, 384, 3, 1, 1),
                new Relu(),
                Convolution.withBias(384, 256, 3, 1, 1),
                new Relu(),
                Convolution.withBias(256, 256, 3, 1, 1),
                new Relu(),
                pool,
                new AdaptiveAverage(6),
                new Flatten(),
                new Dropout(HALF),
                new Linear(256 * 6 * 6, HIDDEN),
                new Relu(),
                new Dropout(HALF),
                new Linear(HIDDEN, HIDDEN),
                new Relu(),
                new Linear(HIDDEN, classes)));
    }

    static Net vgg11(int classes, boolean normalised) {
        return vgg(VGG11, classes, normalised);
    }

    static Net vgg16(int classes, boolean normalised) {
        return vgg(VGG16, classes, normalised);
    }

    /**
     * Source: Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015,
     * table 1, columns A and D.
     */
    private static Net vgg(int[] widths, int classes, boolean normalised) {
        List<Layer> layers = new ArrayList<>();
        int in = 3;
        for (int width : widths) {
            if (width == POOL) {
                layers.add(new MaxPool(2, 2, 0, false));
                continue;
            }
            layers.add(Convolution.withBias(in, width, 3, 1, 1));
            if (normalised) {
                layers.add(new BatchNorm(width));
            }
            layers.add(new Relu());
            in = width;
        }
        layers.addAll(List.of(
                new AdaptiveAverage(7),
                new Flatten(),
                new Linear(in * 7 * 7, HIDDEN),
                new Relu(),
                new Dropout(HALF),
                new Linear(HIDDEN, HIDDEN),
                new Relu(),
                new Dropout(HALF),
                new Linear(HIDDEN, classes)));
        return new Net(layers);
    }

    /**
     * SqueezeNet 1.1.
     *
     * <p>Source: Iandola et al., "SqueezeNet", 2016; version 1.1 is of the authors' repository.
     */
    static Net squeezeNet(int classes) {
        MaxPool pool = new MaxPool(3, 2, 0, true);
        List<Layer> layers = new ArrayList<>(List.of(Convolution.withBias(3, 64, 3, 2, 0), new Relu(), pool));
        fire(layers, 64, 16, 64);
        fire(layers, 128, 16, 64);
        layers.add(pool);
        fire(layers, 128, 32, 128);
        fire(layers, 256, 32, 128);
        layers.add(pool);
        fire(layers, 256, 48, 192);
        fire(layers, 384, 48, 192);
        fire(layers, 384, 64, 256);
        fire(layers, 512, 64, 256);
        layers.addAll(List.of(
                new Dropout(HALF), Convolution.withBias(512, classes, 1, 1, 0), new Relu(), new GlobalAverage()));
        return new Net(layers);
    }

    private static void fire(List<Layer> layers, int in, int narrow, int wide) {
        layers.addAll(List.of(
                Convolution.withBias(in, narrow, 1, 1, 0),
                new Relu(),
                new Concat(
                        List.of(Convolution.withBias(narrow, wide, 1, 1, 0), new Relu()),
                        List.of(Convolution.withBias(narrow, wide, 3, 1, 1), new Relu()))));
    }
}
