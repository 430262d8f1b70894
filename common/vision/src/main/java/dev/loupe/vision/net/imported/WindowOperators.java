package dev.loupe.vision.net.imported;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.loupe.vision.net.imported.Operators.Operator;
import java.util.Arrays;
import java.util.Map;

/** Convolution and pooling of images. */
final class WindowOperators {
    private static final Shape ONES = new Shape(1, 1);
    private static final Shape ZEROS = new Shape(0, 0);

    private WindowOperators() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("Conv", Operator.of(WindowOperators::convolution));
        operators.put("MaxPool", Operator.of(WindowOperators::maximum));
        operators.put("AveragePool", Operator.of(WindowOperators::average));
    }

    /**
     * Where windows lie.
     *
     * @param kernel height and width of a window
     * @param strides distances of windows
     * @param before rows above and columns to the left of the image
     * @param after rows below and columns to the right
     */
    private record Windows(long[] kernel, long[] strides, long[] before, long[] after) {

        static Windows of(NodeCall call, long[] kernel) {
            long[] image = call.array(0).getShape().getShape();
            call.require(kernel.length == 2 && image.length == 4, "expected images [n, channels, height, width]");
            long[] strides = call.integers("strides", 1, 1);
            long[] dilations = call.integers("dilations", 1, 1);
            long[] before = new long[2];
            long[] after = new long[2];
            String automatic = call.text("auto_pad", "NOTSET");
            long[] pads = call.integers("pads", 0, 0, 0, 0);
            for (int i = 0; i < 2; i++) {
                long side = image[2 + i];
                long span = (kernel[i] - 1) * dilations[i] + 1;
                if (automatic.startsWith("SAME")) {
                    long all = Math.max(0, (Math.ceilDiv(side, strides[i]) - 1) * strides[i] + span - side);
                    before[i] = automatic.equals("SAME_UPPER") ? all / 2 : all - all / 2;
                    after[i] = all - before[i];
                } else if (automatic.equals("NOTSET")) {
                    before[i] = pads[i];
                    after[i] = pads[2 + i];
                    if (call.integer("ceil_mode", 0) == 1) {
                        after[i] = toWholeWindow(side, span, strides[i], before[i], after[i]);
                    }
                }
            }
            return new Windows(kernel, strides, before, after);
        }

        /** The padding after an image with which the last window is whole; that window begins inside of the image. */
        private static long toWholeWindow(long side, long span, long stride, long before, long after) {
            long steps = Math.ceilDiv(side + before + after - span, stride);
            if (steps * stride >= side + before) {
                steps--;
            }
            return Math.max(after, steps * stride + span - side - before);
        }

        boolean padded() {
            return before[0] + before[1] + after[0] + after[1] > 0;
        }

        boolean symmetric() {
            return Arrays.equals(before, after);
        }

        NDArray pad(NDArray image, double value) {
            return padded() ? image.pad(new Shape(before[1], after[1], before[0], after[0]), value) : image;
        }
    }

    private static NDArray convolution(NodeCall call) {
        NDArray kernel = call.array(1);
        long[] shape = kernel.getShape().getShape();
        call.require(shape.length == 4, "expected a convolution of images");
        Windows windows = Windows.of(call, new long[] {shape[2], shape[3]});
        NDArray image = windows.symmetric() ? call.array(0) : windows.pad(call.array(0), 0);
        return image.getNDArrayInternal()
                .convolution(
                        image,
                        kernel,
                        call.has(2) ? call.array(2) : null,
                        new Shape(windows.strides()),
                        windows.symmetric() ? new Shape(windows.before()) : ZEROS,
                        new Shape(call.integers("dilations", 1, 1)),
                        Math.toIntExact(call.integer("group", 1)))
                .singletonOrThrow();
    }

    private static NDArray maximum(NodeCall call) {
        Windows windows = pooling(call);
        return windows.pad(call.array(0), Double.NEGATIVE_INFINITY)
                .getNDArrayInternal()
                .maxPool(new Shape(windows.kernel()), new Shape(windows.strides()), ZEROS, false);
    }

    private static NDArray average(NodeCall call) {
        Windows windows = pooling(call);
        boolean all = call.integer("count_include_pad", 0) == 1;
        call.require(!all || call.integer("ceil_mode", 0) == 0, "expected count_include_pad = 0 or ceil_mode = 0");
        NDArray image = call.array(0);
        NDArray means = means(windows.pad(image, 0), windows);
        if (all || !windows.padded()) {
            return means;
        }
        // The share of each window that lies in the image.
        Shape side = image.getShape().slice(2);
        NDArray inside = call.manager().ones(new Shape(1, 1, side.get(0), side.get(1)));
        return means.div(means(windows.pad(inside, 0), windows));
    }

    private static NDArray means(NDArray image, Windows windows) {
        return image.getNDArrayInternal()
                .avgPool(new Shape(windows.kernel()), new Shape(windows.strides()), ZEROS, false, true);
    }

    private static Windows pooling(NodeCall call) {
        call.require(call.node().getOutputCount() == 1, "expected no indices as an output");
        call.require(new Shape(call.integers("dilations", 1, 1)).equals(ONES), "expected no dilations");
        return Windows.of(call, call.integers("kernel_shape"));
    }
}
