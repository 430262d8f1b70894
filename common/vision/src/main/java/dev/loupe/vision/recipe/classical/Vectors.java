package dev.loupe.vision.recipe.classical;

/** Arithmetic of feature vectors. */
final class Vectors {
    private Vectors() {}

    static double squaredDistance(float[] one, float[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            double difference = one[i] - other[i];
            sum += difference * difference;
        }
        return sum;
    }

    static double product(float[] one, float[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += (double) one[i] * other[i];
        }
        return sum;
    }

    /** The squared norms of the rows. */
    static float[] squares(float[][] rows) {
        float[] squares = new float[rows.length];
        for (int i = 0; i < rows.length; i++) {
            squares[i] = (float) product(rows[i], rows[i]);
        }
        return squares;
    }

    /** The rows one after the other. */
    static float[] joined(float[][] rows) {
        int width = rows[0].length;
        float[] joined = new float[Math.multiplyExact(rows.length, width)];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, joined, i * width, width);
        }
        return joined;
    }
}
