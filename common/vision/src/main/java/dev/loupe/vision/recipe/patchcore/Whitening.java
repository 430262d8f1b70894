package dev.loupe.vision.recipe.patchcore;

import static org.bytedeco.opencv.global.opencv_core.CV_64F;
import static org.bytedeco.opencv.global.opencv_core.PCACompute2;

import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * What is done to features before they are compared. For {@link Treatment#WHITENED}: projects features onto their leading principal components, each scaled to variance 1 over the TRAIN patches: the
 * Euclidean distance of the results is then the Mahalanobis distance of the features within those components. Without
 * it, what all channels share (the brightness or the contrast of a place) would dominate the distance: one direction
 * holds 93 % of the variance of scattering features. For the other treatments the components keep their variances, so that
 * the distance is that of the features, but for the components that are left out.
 *
 * @param mean {@code [from]} mean of the features
 * @param matrix {@code [from, to]} one component per column: its direction, whitened divided by its standard deviation
 * @param unit whether vectors are first divided by their lengths
 */
record Whitening(float[] mean, float[] matrix, boolean unit) {
    /** Most components. */
    static final int MAX_COMPONENTS = 128;
    /** Components with a smaller share of the largest variance are numerical noise. */
    private static final double MIN_VARIANCE = 1e-6;
    /**
     * Smallest standard deviation of the logarithm of a colour ratio: smaller differences are noise of the camera and
     * of JPEG.
     */
    private static final double MIN_COLOUR_DEVIATION = 0.01;
    /** Number of patches from which the covariance is estimated. */
    private static final int SAMPLE = 16_384;
    /** Shortest length that a vector is divided by. */
    private static final float MIN_LENGTH = 1e-12f;

    int from() {
        return mean.length;
    }

    int to() {
        return matrix.length / mean.length;
    }

    /** @throws IllegalArgumentException if all patches are the same */
    static Whitening fit(Patches patches, Treatment treatment, long seed) {
        boolean unit = treatment == Treatment.L2;
        int size = patches.size();
        int rows = Math.min(SAMPLE, patches.count());
        int[] chosen = rows == patches.count()
                ? java.util.stream.IntStream.range(0, rows).toArray()
                : new Random(seed).ints(rows, 0, patches.count()).toArray();
        double[] sample = new double[rows * size];
        for (int i = 0; i < rows; i++) {
            float length = unit ? length(patches, chosen[i]) : 1;
            for (int k = 0; k < size; k++) {
                sample[i * size + k] = patches.values()[chosen[i] * size + k] / length;
            }
        }
        try (PointerScope scope = new PointerScope()) {
            Mat mean = new Mat();
            Mat directions = new Mat();
            Mat variances = new Mat();
            Mat data = new Mat(rows, size, CV_64F, new DoublePointer(sample));
            PCACompute2(data, mean, directions, variances, Math.min(MAX_COMPONENTS, size));
            return of(doubles(mean), doubles(directions), doubles(variances), treatment);
        }
    }

    private static Whitening of(double[] mean, double[] directions, double[] variances, Treatment treatment) {
        int from = mean.length;
        int to = (int) Arrays.stream(variances)
                .filter(variance -> variance > MIN_VARIANCE * variances[0])
                .count();
        if (to == 0) {
            throw new IllegalArgumentException("the features of all TRAIN images are the same everywhere");
        }
        float[] matrix = new float[from * to];
        for (int component = 0; component < to; component++) {
            double deviation = treatment == Treatment.WHITENED ? Math.sqrt(variances[component]) : 1;
            for (int k = 0; k < from; k++) {
                matrix[k * to + component] = (float) (directions[component * from + k] / deviation);
            }
        }
        float[] centre = new float[from];
        for (int k = 0; k < from; k++) {
            centre[k] = (float) mean[k];
        }
        return new Whitening(centre, matrix, treatment == Treatment.L2);
    }

    private static float length(Patches patches, int row) {
        double squares = 0;
        for (int k = 0; k < patches.size(); k++) {
            double value = patches.values()[row * patches.size() + k];
            squares += value * value;
        }
        return Math.max(MIN_LENGTH, (float) Math.sqrt(squares));
    }

    /**
     * Returns this whitening with two additional results: the difference of red and of blue from green, in standard
     * deviations over the TRAIN patches. The leading components do not contain them, because the colours of a material
     * vary the least.
     *
     * @param patches patches whose first three features are the logarithms of red, green and blue
     */
    Whitening withColour(Patches patches) {
        int to = to();
        float[] extended = new float[from() * (to + 2)];
        for (int k = 0; k < from(); k++) {
            System.arraycopy(matrix, k * to, extended, k * (to + 2), to);
        }
        int green = 1;
        for (int column = 0; column < 2; column++) {
            int colour = 2 * column;
            double squares = 0;
            for (int i = 0; i < patches.count(); i++) {
                double ratio = patches.values()[i * from() + colour] - patches.values()[i * from() + green];
                double difference = ratio - (mean[colour] - mean[green]);
                squares += difference * difference;
            }
            double deviation = Math.max(MIN_COLOUR_DEVIATION, Math.sqrt(squares / patches.count()));
            extended[colour * (to + 2) + to + column] = (float) (1 / deviation);
            extended[green * (to + 2) + to + column] = (float) (-1 / deviation);
        }
        return new Whitening(mean, extended, unit);
    }

    private static double[] doubles(Mat mat) {
        double[] values = new double[mat.rows() * mat.cols()];
        new DoublePointer(mat.data()).get(values);
        return values;
    }

    Patches apply(Patches patches) {
        float[] result = new float[patches.count() * to()];
        float[] row = new float[to()];
        for (int i = 0; i < patches.count(); i++) {
            Arrays.fill(row, 0);
            float length = unit ? length(patches, i) : 1;
            for (int k = 0; k < from(); k++) {
                float value = patches.values()[i * from() + k] / length - mean[k];
                // One row of the matrix at a time, because the compiler vectorizes this loop.
                for (int j = 0; j < row.length; j++) {
                    row[j] += value * matrix[k * row.length + j];
                }
            }
            System.arraycopy(row, 0, result, i * row.length, row.length);
        }
        return new Patches(result, to());
    }

    /** Appends this projection to a graph: [n, places, from] to [n, places, to]. */
    String appendTo(OnnxGraph graph, String patches) {
        String compared = unit ? ofUnitLength(graph, patches) : patches;
        String centred = graph.node("Sub", List.of(compared, graph.floats("mean", mean, from())));
        return graph.node("MatMul", List.of(centred, graph.floats("whitening", matrix, from(), to())));
    }

    private static String ofUnitLength(OnnxGraph graph, String patches) {
        String squares = graph.node(
                "ReduceSum",
                List.of(graph.node("Mul", List.of(patches, patches)), graph.integers("channel_axis", 2)),
                OnnxAttribute.of("keepdims", 1));
        String length =
                graph.node("Max", List.of(graph.node("Sqrt", List.of(squares)), graph.scalar("shortest", MIN_LENGTH)));
        return graph.node("Div", List.of(patches, length));
    }
}
