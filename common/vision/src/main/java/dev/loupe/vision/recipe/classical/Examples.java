package dev.loupe.vision.recipe.classical;

import dev.loupe.vision.classification.FeatureExamples;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Feature vectors with their classes.
 *
 * @param rows a vector for each image
 * @param labels index of the class of each image
 * @param classes number of classes
 */
record Examples(float[][] rows, int[] labels, int classes) {

    /** The standardised features. */
    static Examples of(FeatureExamples examples, int classes) {
        float[][] rows = new float[examples.size()][examples.length()];
        for (int i = 0; i < rows.length; i++) {
            examples.write(i, null, rows[i], 0);
        }
        return new Examples(rows, examples.labels(), classes);
    }

    int size() {
        return rows.length;
    }

    /** Number of features. */
    int width() {
        return rows[0].length;
    }

    /** The examples with these indices. */
    Examples select(int[] chosen) {
        return new Examples(
                Arrays.stream(chosen).mapToObj(i -> rows[i]).toArray(float[][]::new),
                Arrays.stream(chosen).map(i -> labels[i]).toArray(),
                classes);
    }

    /** Indices of all examples. */
    int[] all() {
        return IntStream.range(0, size()).toArray();
    }
}
