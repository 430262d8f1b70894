package dev.loupe.vision.recipe.gaussian;

import static org.bytedeco.opencv.global.opencv_core.CV_64F;
import static org.bytedeco.opencv.global.opencv_core.PCACompute2;

import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * A Gaussian of feature vectors: their mean, their leading principal components with their variances, and the same small
 * variance in all other directions (Tipping and Bishop, "Probabilistic Principal Component Analysis", Journal of the Royal
 * Statistical Society B 61, 1999, equations 7 and 8).
 *
 * @param mean {@code [size]}
 * @param directions {@code [components, size]}, of length 1
 * @param variances {@code [components]}, the largest first, of the sample (divided by the number of vectors less 1)
 * @param noise mean variance of the sample's directions that are left out
 */
record FeatureGaussian(float[] mean, float[] directions, double[] variances, double noise) {
    /** Most components. */
    static final int MAX_COMPONENTS = 256;
    /** The noise is at least this share of the largest variance: less is numerical noise. */
    private static final double MIN_NOISE = 1e-6;

    int size() {
        return mean.length;
    }

    int components() {
        return variances.length;
    }

    /**
     * Fits a Gaussian.
     *
     * @param vectors {@code [count, size]}
     * @param count number of vectors, at least 3
     * @param share share of the variance that the components have together
     * @throws IllegalArgumentException if all vectors are the same
     */
    static FeatureGaussian fit(double[] vectors, int count, double share) {
        int size = vectors.length / count;
        int rank = Math.min(count, size);
        try (PointerScope scope = new PointerScope()) {
            Mat centre = new Mat();
            Mat axes = new Mat();
            Mat eigenvalues = new Mat();
            Mat data = new Mat(count, size, CV_64F, new DoublePointer(vectors));
            PCACompute2(data, centre, axes, eigenvalues, rank);
            double[] variances = doubles(eigenvalues);
            for (int i = 0; i < variances.length; i++) {
                variances[i] = Math.max(0, variances[i] * count / (count - 1));
            }
            if (!(variances[0] > 0)) {
                throw new IllegalArgumentException(
                        "the features of all TRAIN images are the same: expected images that differ");
            }
            int components = components(variances, share);
            double left = 0;
            for (int i = components; i < rank; i++) {
                left += variances[i] / (rank - components);
            }
            return new FeatureGaussian(
                    floats(doubles(centre), size),
                    floats(doubles(axes), components * size),
                    Arrays.copyOf(variances, components),
                    Math.max(left, MIN_NOISE * variances[0]));
        }
    }

    /** The fewest components with more than this share of the variance, as scikit-learn's {@code PCA} counts them. */
    private static int components(double[] variances, double share) {
        double total = Arrays.stream(variances).sum();
        double sum = 0;
        int count = 0;
        while (count < variances.length && count < MAX_COMPONENTS && sum / total <= share) {
            sum += variances[count++];
        }
        return count;
    }

    private static double[] doubles(Mat mat) {
        double[] values = new double[mat.rows() * mat.cols()];
        new DoublePointer(mat.data()).get(values);
        return values;
    }

    private static float[] floats(double[] values, int count) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    /** The distances of images in a graph. */
    record Distances(String ofCells, String ofImage) {}

    /**
     * Appends the distances of vectors from this Gaussian to a graph. The square of an image's distance is the mean of the
     * squares of its cells' distances; with {@link GaussianDistance#MAHALANOBIS}, what is within the components is added,
     * which belongs to no cell.
     *
     * @param vectors value [n, size] in the graph, the features of one cell after the other
     * @param cells number of cells
     * @return values [n, cells] and [n]
     */
    Distances appendTo(OnnxGraph graph, String vectors, int cells, GaussianDistance distance) {
        String centred = graph.node("Sub", List.of(vectors, graph.floats("mean", mean, size())));
        String axes = graph.floats("directions", directions, components(), size());
        String within = graph.node("Gemm", List.of(centred, axes), OnnxAttribute.of("transB", 1));
        String residual = graph.node("Sub", List.of(centred, graph.node("MatMul", List.of(within, axes))));
        String errors = graph.reduce("ReduceL2", graph.reshape(residual, -1, cells, size() / cells), false, 2);
        if (distance == GaussianDistance.MAHALANOBIS) {
            errors = graph.node("Mul", List.of(errors, graph.scalar("precision", (float) (1 / Math.sqrt(noise)))));
        }
        String squares = sumOfSquares(graph, errors);
        if (distance == GaussianDistance.MAHALANOBIS) {
            float[] scales = new float[components()];
            for (int i = 0; i < scales.length; i++) {
                scales[i] = (float) (1 / Math.sqrt(variances[i]));
            }
            String white = graph.node("Mul", List.of(within, graph.floats("scales", scales, scales.length)));
            squares = graph.node("Add", List.of(squares, sumOfSquares(graph, white)));
        }
        String mean = graph.node("Mul", List.of(squares, graph.scalar("share", 1f / cells)));
        return new Distances(errors, graph.node("Sqrt", List.of(mean)));
    }

    private static String sumOfSquares(OnnxGraph graph, String rows) {
        return graph.node(
                "ReduceSum",
                List.of(graph.node("Mul", List.of(rows, rows)), graph.integers("axes", 1)),
                OnnxAttribute.of("keepdims", 0));
    }
}
