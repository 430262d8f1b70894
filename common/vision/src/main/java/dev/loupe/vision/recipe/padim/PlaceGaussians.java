package dev.loupe.vision.recipe.padim;

import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.List;

/**
 * A Gaussian for each place. The Mahalanobis distance of x is the length of (x - mean) F, where F F' is the inverse of the
 * covariance: F is the transposed inverse of its Cholesky factor.
 */
final class PlaceGaussians {
    private final int places;
    private final int size;
    private final double[] mean;
    private final float[] factors;

    /** Gaussians of mean 0, without covariances yet. */
    PlaceGaussians(int places, int size) {
        this.places = places;
        this.size = size;
        this.mean = new double[places * size];
        this.factors = new float[Math.multiplyExact(places, size * size)];
    }

    /** The means, [places, size]. */
    double[] mean() {
        return mean;
    }

    /** The factors F, [places, size, size]. */
    float[] factors() {
        return factors;
    }

    /**
     * Sets the covariance of a place.
     *
     * @param covariance positive definite; its content is destroyed
     */
    void setCovariance(int place, double[][] covariance) {
        factorize(covariance);
        invert(covariance);
        for (int i = 0; i < size; i++) {
            for (int j = 0; j <= i; j++) {
                factors[(place * size + j) * size + i] = (float) covariance[i][j];
            }
        }
    }

    /** Replaces the lower triangle of a positive definite matrix by its Cholesky factor. */
    private static void factorize(double[][] a) {
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = a[i][j];
                for (int k = 0; k < j; k++) {
                    sum -= a[i][k] * a[j][k];
                }
                a[i][j] = i == j ? Math.sqrt(sum) : sum / a[j][j];
            }
        }
    }

    /** Replaces a lower triangular matrix by its inverse. */
    private static void invert(double[][] a) {
        for (int j = 0; j < a.length; j++) {
            a[j][j] = 1 / a[j][j];
            for (int i = j + 1; i < a.length; i++) {
                double sum = 0;
                for (int k = j; k < i; k++) {
                    sum -= a[i][k] * a[k][j];
                }
                a[i][j] = sum / a[i][i];
            }
        }
    }

    /**
     * Appends the Mahalanobis distances of the places to a graph.
     *
     * @param features value [n, places, size] in the graph
     * @return the name of the distances' value, [n, places]
     */
    String appendTo(OnnxGraph graph, String features) {
        float[] means = new float[mean.length];
        for (int i = 0; i < means.length; i++) {
            means[i] = (float) mean[i];
        }
        String centred = graph.node("Sub", List.of(features, graph.floats("mean", means, places, size)));
        String byPlace = graph.node("Transpose", List.of(centred), OnnxAttribute.of("perm", new long[] {1, 0, 2}));
        String white = graph.node("MatMul", List.of(byPlace, graph.floats("factors", factors, places, size, size)));
        String distances = graph.reduce("ReduceL2", white, false, 2);
        return graph.node("Transpose", List.of(distances), OnnxAttribute.of("perm", new long[] {1, 0}));
    }
}
