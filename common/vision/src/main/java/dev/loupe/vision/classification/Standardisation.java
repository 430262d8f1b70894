package dev.loupe.vision.classification;

import java.util.Arrays;
import java.util.List;

/**
 * The means and deviations by which features are standardized. Features that come from the same place form a part. All
 * parts vary alike in sum, but for their weights: otherwise a part would count the more, the more features it has. In all
 * they vary as much as if each feature had the standard deviation 1. A feature that does not vary has the deviation 1.
 */
public record Standardisation(float[] mean, float[] deviation) {
    /** Variation below this fraction of a feature's magnitude is rounding noise. */
    private static final double NOISE = 1e-6;

    /**
     * A part of the features, which follows on the part before it.
     *
     * @param size number of features
     * @param weight how much the part varies, as a standard deviation, compared with the other parts
     * @param leastSpread null if each feature is divided by its own deviation. Otherwise, all are divided by the same, and
     *     the part counts as if it varied at least as much as this (a standard deviation of all of its features together)
     */
    public record Part(int size, double weight, Double leastSpread) {}

    /** Of features that form one part. */
    public static Standardisation of(List<float[]> rows) {
        return of(rows, List.of(new Part(rows.getFirst().length, 1, null)));
    }

    /**
     * @param rows feature vectors
     * @param parts their parts; the sizes add up to the length of a vector
     */
    public static Standardisation of(List<float[]> rows, List<Part> parts) {
        int width = rows.getFirst().length;
        double[] middle = new double[width];
        double[] variance = new double[width];
        boolean[] varies = new boolean[width];
        for (int i = 0; i < width; i++) {
            int feature = i;
            middle[i] = rows.stream().mapToDouble(row -> row[feature]).sum() / rows.size();
            variance[i] = rows.stream()
                            .mapToDouble(row -> (row[feature] - middle[feature]) * (row[feature] - middle[feature]))
                            .sum()
                    / rows.size();
            varies[i] = Math.sqrt(variance[i]) > NOISE * Math.max(1, Math.abs(middle[i]));
        }
        float[] mean = new float[width];
        for (int i = 0; i < width; i++) {
            mean[i] = (float) middle[i];
        }
        return new Standardisation(mean, deviations(parts, variance, varies));
    }

    private static float[] deviations(List<Part> parts, double[] variance, boolean[] varies) {
        int[] varying = new int[parts.size()];
        double weights = 0;
        int all = 0;
        for (int p = 0, from = 0; p < parts.size(); from += parts.get(p++).size()) {
            Part part = parts.get(p);
            for (int i = from; i < from + part.size(); i++) {
                varying[p] += varies[i] && part.leastSpread() == null ? 1 : 0;
            }
            weights += varying[p] > 0 ? part.weight() * part.weight() : 0;
            all += varying[p];
        }
        double unit = Math.sqrt(weights == 0 ? 1 : all / weights);
        float[] deviation = new float[variance.length];
        for (int p = 0, from = 0; p < parts.size(); from += parts.get(p++).size()) {
            Part part = parts.get(p);
            double spread = part.weight() * unit;
            if (part.leastSpread() != null) {
                double together = Math.sqrt(
                        Arrays.stream(variance, from, from + part.size()).sum());
                Arrays.fill(
                        deviation, from, from + part.size(), (float) (Math.max(part.leastSpread(), together) / spread));
                continue;
            }
            for (int i = from; i < from + part.size(); i++) {
                deviation[i] = varies[i] ? (float) (Math.sqrt(variance[i]) * Math.sqrt(varying[p]) / spread) : 1;
            }
        }
        return deviation;
    }
}
