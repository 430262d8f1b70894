package dev.loupe.vision.classification;

import java.util.Arrays;
import java.util.List;

/**
 * The means and standard deviations by which features are standardized. Features of a backbone have a mean and a
 * standard deviation each; a feature that does not vary has the deviation 1. Colours share one deviation, chosen so
 * that all of them together vary as much as all other features together: individually, they would be negligible among
 * thousands of features.
 */
public record Standardisation(float[] mean, float[] deviation) {
    /** Variation below this fraction of a feature's magnitude is rounding noise. */
    private static final double NOISE = 1e-6;
    /**
     * Smallest deviation, as a Hellinger distance: images whose colours vary less are treated as having the same
     * colour.
     */
    private static final double MIN_COLOUR_DEVIATION = 0.05;

    /**
     * @param rows feature vectors
     * @param colours index of the first feature that describes colours, as do all that follow
     */
    public static Standardisation of(List<float[]> rows, int colours) {
        int width = rows.getFirst().length;
        float[] mean = new float[width];
        float[] deviation = new float[width];
        int varying = 0;
        double colourVariance = 0;
        for (int i = 0; i < width; i++) {
            double sum = 0;
            for (float[] row : rows) {
                sum += row[i];
            }
            double middle = sum / rows.size();
            double squares = 0;
            for (float[] row : rows) {
                squares += (row[i] - middle) * (row[i] - middle);
            }
            double variance = squares / rows.size();
            double spread = Math.sqrt(variance);
            mean[i] = (float) middle;
            if (i >= colours) {
                colourVariance += variance;
            } else if (spread > NOISE * Math.max(1, Math.abs(middle))) {
                deviation[i] = (float) spread;
                varying++;
            } else {
                deviation[i] = 1;
            }
        }
        double colourSpread = Math.max(MIN_COLOUR_DEVIATION, Math.sqrt(colourVariance));
        float shared = (float) (colourSpread / Math.sqrt(Math.max(1, varying)));
        Arrays.fill(deviation, colours, width, shared);
        return new Standardisation(mean, deviation);
    }
}
