package dev.loupe.inference.registry;

/**
 * The threshold version that an anomaly detector decides with.
 *
 * @param version number of the model version
 * @param number number of the threshold version; 1 is the threshold of the package
 * @param value score from which an image is anomalous
 */
public record CurrentThreshold(int version, int number, double value) {
    /** Number of the threshold version that the package contains. */
    public static final int OF_PACKAGE = 1;

    public CurrentThreshold {
        if (number < OF_PACKAGE || !Double.isFinite(value)) {
            throw new IllegalArgumentException("not a threshold version: number " + number + ", value " + value);
        }
    }
}
