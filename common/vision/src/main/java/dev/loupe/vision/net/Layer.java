package dev.loupe.vision.net;

import java.util.List;

/** A layer of a {@link Net}, without its weights. Images are {@code [n, channels, height, width]}. */
public sealed interface Layer {

    /**
     * A square convolution without bias, padded so that stride 1 keeps the size; weights [out, in / groups, kernel,
     * kernel].
     */
    record Convolution(int in, int out, int kernel, int stride, int groups) implements Layer {
        public Convolution(int in, int out, int kernel, int stride) {
            this(in, out, kernel, stride, 1);
        }

        int fanIn() {
            return in / groups * kernel * kernel;
        }
    }

    /**
     * Batch normalisation; weights gamma, beta, running mean, running variance, [channels] each.
     *
     * <p>Source: Ioffe and Szegedy, "Batch Normalization", ICML 2015.
     */
    record BatchNorm(int channels) implements Layer {
        static final float EPSILON = 1e-5f;
    }

    /** {@code max(x, 0)}. */
    record Relu() implements Layer {}

    /** {@code min(max(x, 0), 6)}. */
    record Relu6() implements Layer {
        static final float MAX = 6;
    }

    /** The mean of each channel: [n, c, h, w] to [n, c]. */
    record GlobalAverage() implements Layer {}

    /** {@code W x + b}; weights W [out, in], b [out]. */
    record Linear(int in, int out) implements Layer {}

    /**
     * The sum of the results of a body and of a shortcut for the same input (an empty shortcut: the input itself).
     *
     * <p>Source: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, section 3.
     */
    record Residual(List<Layer> body, List<Layer> shortcut) implements Layer {
        public Residual {
            body = List.copyOf(body);
            shortcut = List.copyOf(shortcut);
        }
    }
}
