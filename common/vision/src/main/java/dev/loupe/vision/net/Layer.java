package dev.loupe.vision.net;

import java.util.List;
import java.util.stream.Stream;

/** A layer of a {@link Net}, without its weights. Images are {@code [n, channels, height, width]}. */
public sealed interface Layer {

    /**
     * A square convolution; weights [out, in / groups, kernel, kernel], then the bias [out] if it has one.
     *
     * @param margin zeros on each side
     */
    record Convolution(int in, int out, int kernel, int stride, int margin, int groups, boolean bias) implements Layer {

        /** A convolution without bias, padded so that stride 1 keeps the size. */
        public Convolution(int in, int out, int kernel, int stride, int groups) {
            this(in, out, kernel, stride, kernel / 2, groups, false);
        }

        public Convolution(int in, int out, int kernel, int stride) {
            this(in, out, kernel, stride, 1);
        }

        /** A convolution of one group with a bias. */
        static Convolution withBias(int in, int out, int kernel, int stride, int margin) {
            return new Convolution(in, out, kernel, stride, margin, 1, true);
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

    /**
     * The maximum of each square window.
     *
     * @param whole whether a last window that the image fills only in part counts
     */
    record MaxPool(int kernel, int stride, int margin, boolean whole) implements Layer {}

    /**
     * The mean of each of {@code side * side} windows that divide the image as evenly as possible; they overlap where
     * its size is not a multiple: window i of n pixels is from floor(i n / side) to ceil((i + 1) n / side).
     */
    record AdaptiveAverage(int side) implements Layer {

        /** The share of each of {@code pixels} pixels in each window, [side, pixels]. */
        public float[] shares(int pixels) {
            float[] shares = new float[side * pixels];
            for (int i = 0; i < side; i++) {
                int from = i * pixels / side;
                int to = ((i + 1) * pixels + side - 1) / side;
                for (int x = from; x < to; x++) {
                    shares[i * pixels + x] = 1f / (to - from);
                }
            }
            return shares;
        }
    }

    /** Repeats each pixel, which multiplies height and width by a factor. */
    record Upsample(int factor) implements Layer {}

    /** The mean of each channel: [n, c, h, w] to [n, c]. */
    record GlobalAverage() implements Layer {}

    /** [n, c, h, w] to [n, c h w]. */
    record Flatten() implements Layer {}

    /**
     * Replaces a share of the values by 0 and scales the others up, in training alone.
     *
     * <p>Source: Srivastava et al., "Dropout", JMLR 15, 2014.
     */
    record Dropout(float rate) implements Layer {}

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

    /** The channels of the results of two branches for the same input, one after the other. */
    record Concat(List<Layer> first, List<Layer> second) implements Layer {
        public Concat {
            first = List.copyOf(first);
            second = List.copyOf(second);
        }
    }

    /** The layers inside of this one, in the order of their weights. */
    default List<Layer> inner() {
        return switch (this) {
            case Residual r ->
                Stream.concat(r.body().stream(), r.shortcut().stream()).toList();
            case Concat c ->
                Stream.concat(c.first().stream(), c.second().stream()).toList();
            default -> List.of();
        };
    }

    /** The side of the result for a square image of this side; less than 1 if the image is too small. */
    default int side(int input) {
        return switch (this) {
            case Convolution c -> Math.floorDiv(input + 2 * c.margin() - c.kernel(), c.stride()) + 1;
            case MaxPool p -> {
                int span = input + 2 * p.margin() - p.kernel() + (p.whole() ? p.stride() - 1 : 0);
                yield Math.floorDiv(span, p.stride()) + 1;
            }
            case AdaptiveAverage a -> a.side();
            case Upsample u -> input * u.factor();
            case Residual r -> side(input, r.body());
            case Concat c -> side(input, c.first());
            case BatchNorm _, Relu _, Relu6 _, Dropout _ -> input;
            case GlobalAverage _, Flatten _, Linear _ -> 1;
        };
    }

    private static int side(int input, List<Layer> layers) {
        int side = input;
        for (Layer layer : layers) {
            side = layer.side(side);
        }
        return side;
    }
}
