package dev.loupe.vision.net;

import dev.loupe.vision.net.Layer.BatchNorm;
import dev.loupe.vision.net.Layer.Convolution;
import dev.loupe.vision.net.Layer.GlobalAverage;
import dev.loupe.vision.net.Layer.Linear;
import dev.loupe.vision.net.Layer.MaxPool;
import dev.loupe.vision.net.Layer.Relu;
import dev.loupe.vision.net.Layer.Residual;
import java.util.ArrayList;
import java.util.List;

/**
 * Residual networks.
 *
 * <p>Source: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, table 1. In blocks with a bottleneck
 * the convolution of 3 x 3 has the stride, as in torchvision.
 */
final class ResidualNets {
    private static final int WIDTH = 32;
    private static final int EXPANSION = 4;

    private ResidualNets() {}

    /**
     * A network of ten layers for small images, in four stages, of strides 2, 4, 8 and 16 and 32, 64, 128 and 256
     * channels.
     */
    static Net resnet10(int classes) {
        List<Layer> layers = new ArrayList<>();
        layers.addAll(List.of(new Convolution(3, WIDTH, 3, 2), new BatchNorm(WIDTH), new Relu()));
        layers.addAll(basic(WIDTH, WIDTH, 1));
        layers.addAll(basic(WIDTH, 2 * WIDTH, 2));
        layers.addAll(basic(2 * WIDTH, 4 * WIDTH, 2));
        layers.addAll(basic(4 * WIDTH, 8 * WIDTH, 2));
        layers.addAll(List.of(new GlobalAverage(), new Linear(8 * WIDTH, classes)));
        return new Net(layers);
    }

    static Net resnet18(int classes) {
        return resnet(classes, false, 2, 2, 2, 2);
    }

    static Net resnet34(int classes) {
        return resnet(classes, false, 3, 4, 6, 3);
    }

    static Net resnet50(int classes) {
        return resnet(classes, true, 3, 4, 6, 3);
    }

    private static Net resnet(int classes, boolean bottleneck, int... counts) {
        List<Layer> layers = new ArrayList<>(
                List.of(new Convolution(3, 64, 7, 2), new BatchNorm(64), new Relu(), new MaxPool(3, 2, 1, false)));
        int in = 64;
        for (int stage = 0; stage < counts.length; stage++) {
            int width = 64 << stage;
            for (int i = 0; i < counts[stage]; i++) {
                int stride = stage > 0 && i == 0 ? 2 : 1;
                layers.addAll(bottleneck ? bottleneck(in, width, stride) : basic(in, width, stride));
                in = bottleneck ? width * EXPANSION : width;
            }
        }
        layers.addAll(List.of(new GlobalAverage(), new Linear(in, classes)));
        return new Net(layers);
    }

    private static List<Layer> basic(int in, int out, int stride) {
        return residual(
                List.of(
                        new Convolution(in, out, 3, stride),
                        new BatchNorm(out),
                        new Relu(),
                        new Convolution(out, out, 3, 1),
                        new BatchNorm(out)),
                in,
                out,
                stride);
    }

    private static List<Layer> bottleneck(int in, int width, int stride) {
        int out = width * EXPANSION;
        return residual(
                List.of(
                        new Convolution(in, width, 1, 1),
                        new BatchNorm(width),
                        new Relu(),
                        new Convolution(width, width, 3, stride),
                        new BatchNorm(width),
                        new Relu(),
                        new Convolution(width, out, 1, 1),
                        new BatchNorm(out)),
                in,
                out,
                stride);
    }

    private static List<Layer> residual(List<Layer> body, int in, int out, int stride) {
        List<Layer> shortcut =
                in == out && stride == 1 ? List.of() : List.of(new Convolution(in, out, 1, stride), new BatchNorm(out));
        return List.of(new Residual(body, shortcut), new Relu());
    }
}
