package dev.loupe.vision.recipe.patchcore;

import java.util.Arrays;

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

    float[] row(int index) {
        return Arrays.copyOfRange(values, index * size, (index + 1) * size);
    }
}
