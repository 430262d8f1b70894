package dev.loupe.vision.recipe.patchcore;

import java.util.Arrays;
import java.util.List;

/**
 * Feature vectors, one per row.
 *
 * @param values {@code [count, size]}; owned by this object
 * @param size length of a vector
 */
record Patches(float[] values, int size) {
    Patches {
        if (size < 1 || values.length % size != 0) {
            throw new IllegalArgumentException(values.length + " values are no vectors of " + size);
        }
    }

    int count() {
        return values.length / size;
    }

    Patches select(int[] rows) {
        float[] selected = new float[rows.length * size];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(values, rows[i] * size, selected, i * size, size);
        }
        return new Patches(selected, size);
    }

    /** Vectors of this size, one per row. */
    static Patches of(List<float[]> rows, int size) {
        float[] values = new float[Math.multiplyExact(rows.size(), size)];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, values, i * size, size);
        }
        return new Patches(values, size);
    }

    /** These vectors, then the others. */
    Patches and(Patches others) {
        float[] joined = Arrays.copyOf(values, values.length + others.values.length);
        System.arraycopy(others.values, 0, joined, values.length, others.values.length);
        return new Patches(joined, size);
    }

    /** Squared distance of a vector to another one. */
    double squaredDistance(int row, Patches other, int otherRow) {
        float sum0 = 0;
        float sum1 = 0;
        int start = row * size;
        int otherStart = otherRow * size;
        int k = 0;
        // Two sums: with a single one, each addition would wait for the previous one.
        for (; k + 1 < size; k += 2) {
            float d0 = values[start + k] - other.values[otherStart + k];
            float d1 = values[start + k + 1] - other.values[otherStart + k + 1];
            sum0 += d0 * d0;
            sum1 += d1 * d1;
        }
        if (k < size) {
            float d = values[start + k] - other.values[otherStart + k];
            sum0 += d * d;
        }
        return sum0 + sum1;
    }

    /** Squared norm of each vector. */
    float[] squaredNorms() {
        float[] norms = new float[count()];
        for (int i = 0; i < norms.length; i++) {
            double sum = 0;
            for (int k = 0; k < size; k++) {
                double value = values[i * size + k];
                sum += value * value;
            }
            norms[i] = (float) sum;
        }
        return norms;
    }

    float[] row(int index) {
        return Arrays.copyOfRange(values, index * size, (index + 1) * size);
    }
}
