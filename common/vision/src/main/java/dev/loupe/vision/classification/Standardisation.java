package dev.loupe.vision.classification;

import java.util.List;

/** Mean and standard deviation of each feature; a feature that does not vary has the deviation 1. */
record Standardisation(float[] mean, float[] deviation) {
    /** Below this share of a feature's magnitude, its variation is rounding noise. */
    private static final double NOISE = 1e-6;

    static Standardisation of(List<float[]> rows) {
        int width = rows.getFirst().length;
        float[] mean = new float[width];
        float[] deviation = new float[width];
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
            double spread = Math.sqrt(squares / rows.size());
            mean[i] = (float) middle;
            deviation[i] = spread > NOISE * Math.max(1, Math.abs(middle)) ? (float) spread : 1;
        }
        return new Standardisation(mean, deviation);
    }
}
