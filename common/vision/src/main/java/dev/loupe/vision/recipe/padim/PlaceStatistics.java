package dev.loupe.vision.recipe.padim;

import dev.loupe.vision.training.Progress;
import java.util.Map;

/**
 * Sums over the features of images by place, from which the Gaussian of each place follows in one pass over the images.
 * All are sums of differences from the first image, which keeps their digits. Not thread-safe.
 */
final class PlaceStatistics {
    private static final int REPORT_EVERY = 50;

    private final int places;
    private final int size;
    private int images;
    private double[] first;
    /** Sums of x, [places, size]. */
    private final double[] sums;
    /** Sums of x x', the lower triangles by rows, [places, size * (size + 1) / 2]. */
    private final double[] products;
    /** Sums of |x|² x, [places, size]. */
    private final double[] weighted;
    /** Sums of the fourth power of |x|, [places]. */
    private final double[] fourth;

    /**
     * @param places number of places
     * @param size number of features of a place
     */
    PlaceStatistics(int places, int size) {
        this.places = places;
        this.size = size;
        this.sums = new double[places * size];
        this.products = new double[Math.multiplyExact(places, triangle())];
        this.weighted = new double[places * size];
        this.fourth = new double[places];
    }

    private int triangle() {
        return size * (size + 1) / 2;
    }

    /** Adds the features of an image, [places, size]. */
    void add(float[] features) {
        if (images++ == 0) {
            first = new double[features.length];
            for (int i = 0; i < first.length; i++) {
                first[i] = features[i];
            }
            return; // its differences are all 0
        }
        double[] x = new double[size];
        for (int place = 0; place < places; place++) {
            double squares = 0;
            for (int i = 0; i < size; i++) {
                x[i] = features[place * size + i] - first[place * size + i];
                squares += x[i] * x[i];
            }
            fourth[place] += squares * squares;
            int row = place * triangle();
            for (int i = 0; i < size; i++) {
                sums[place * size + i] += x[i];
                weighted[place * size + i] += squares * x[i];
                double value = x[i];
                for (int j = 0; j <= i; j++) {
                    products[row + j] += value * x[j];
                }
                row += i + 1;
            }
        }
    }

    /**
     * Estimates the Gaussians.
     *
     * @param epsilon what is added to each variance, as a share of the mean variance over all places
     * @throws IllegalArgumentException if the images do not differ anywhere
     * @throws dev.loupe.vision.training.CancelledException if {@code progress} is cancelled
     */
    PlaceGaussians fit(CovarianceEstimate estimate, double epsilon, Progress progress) {
        double variance = 0;
        for (int place = 0; place < places; place++) {
            variance += trace(covariance(place)) / size / places;
        }
        if (!(variance > 0)) {
            throw new IllegalArgumentException(
                    "the features of all TRAIN images are the same: expected images that differ");
        }
        PlaceGaussians gaussians = new PlaceGaussians(places, size);
        for (int place = 0; place < places; place++) {
            if (place % REPORT_EVERY == 0) {
                progress.check();
                progress.report("fit", place, places, Map.of());
            }
            double[][] covariance = covariance(place);
            if (estimate == CovarianceEstimate.LEDOIT_WOLF) {
                shrink(covariance, shrinkage(covariance, place));
            }
            for (int i = 0; i < size; i++) {
                covariance[i][i] += epsilon * variance;
                gaussians.mean()[place * size + i] = first[place * size + i] + mean(place, i);
            }
            gaussians.setCovariance(place, covariance);
        }
        progress.report("fit", places, places, Map.of());
        return gaussians;
    }

    private double mean(int place, int feature) {
        return sums[place * size + feature] / images;
    }

    private double product(int place, int i, int j) {
        int row = Math.max(i, j);
        return products[place * triangle() + row * (row + 1) / 2 + Math.min(i, j)];
    }

    private double[][] covariance(int place) {
        double[][] covariance = new double[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j <= i; j++) {
                double value = product(place, i, j) / images - mean(place, i) * mean(place, j);
                covariance[i][j] = value;
                covariance[j][i] = value;
            }
        }
        return covariance;
    }

    private static double trace(double[][] covariance) {
        double sum = 0;
        for (int i = 0; i < covariance.length; i++) {
            sum += covariance[i][i];
        }
        return sum;
    }

    /** Ledoit and Wolf, lemma 3.2 to 3.5: the share of the identity, as scikit-learn's {@code ledoit_wolf_shrinkage}. */
    private double shrinkage(double[][] covariance, int place) {
        double squares = 0;
        for (double[] row : covariance) {
            for (double value : row) {
                squares += value * value;
            }
        }
        double mean = trace(covariance) / size;
        double distance = squares - size * mean * mean;
        double error = (centralFourth(place) / images - squares) / images;
        return distance > 0 && error > 0 ? Math.min(error, distance) / distance : 0;
    }

    /** The sum of the fourth powers of the distances of the images from their mean, multiplied out. */
    private double centralFourth(int place) {
        double norm = 0;
        double squares = 0;
        double weightedMean = 0;
        double quadratic = 0;
        for (int i = 0; i < size; i++) {
            norm += mean(place, i) * mean(place, i);
            squares += product(place, i, i);
            weightedMean += mean(place, i) * weighted[place * size + i];
            for (int j = 0; j < size; j++) {
                quadratic += mean(place, i) * product(place, i, j) * mean(place, j);
            }
        }
        return fourth[place] - 4 * weightedMean + 4 * quadratic + 2 * norm * squares - 3 * images * norm * norm;
    }

    private static void shrink(double[][] covariance, double share) {
        double target = share * trace(covariance) / covariance.length;
        for (int i = 0; i < covariance.length; i++) {
            for (int j = 0; j < covariance.length; j++) {
                covariance[i][j] *= 1 - share;
            }
            covariance[i][i] += target;
        }
    }
}
