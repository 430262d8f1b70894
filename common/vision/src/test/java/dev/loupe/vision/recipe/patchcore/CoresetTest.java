package dev.loupe.vision.recipe.patchcore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.Progress;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CoresetTest {
    private static final int SIZE = 37;

    /** Clusters, so that some comparisons can be left out. */
    private static Patches clusters(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count * SIZE];
        for (int i = 0; i < count; i++) {
            for (int k = 0; k < SIZE; k++) {
                values[i * SIZE + k] = (float) (i % 7 * (k % 3) + random.nextGaussian());
            }
        }
        return new Patches(values, SIZE);
    }

    /** Algorithm 1 of the paper as it stands there: all distances, each time. */
    private static int[] plainGreedy(Patches points, int size, int first) {
        int[] chosen = new int[size];
        chosen[0] = first;
        double[] nearest = new double[points.count()];
        Arrays.fill(nearest, Double.POSITIVE_INFINITY);
        for (int step = 1; step < size; step++) {
            int farthest = 0;
            for (int i = 0; i < points.count(); i++) {
                double sum = 0;
                for (int k = 0; k < points.size(); k++) {
                    double d = points.values()[i * points.size() + k]
                            - points.values()[chosen[step - 1] * points.size() + k];
                    sum += d * d;
                }
                nearest[i] = Math.min(nearest[i], sum);
                farthest = nearest[i] > nearest[farthest] ? i : farthest;
            }
            chosen[step] = farthest;
        }
        return chosen;
    }

    @Test
    void choosesWhatThePlainAlgorithmChooses() {
        Patches points = clusters(900, 3);
        int[] chosen = Coreset.choose(points, 60, 11, Progress.NONE);
        assertArrayEquals(plainGreedy(points, 60, chosen[0]), chosen);
    }

    /** Many centres for each point, and no clusters: nearly all bounds are used again and again. */
    @Test
    void choosesTheSameAmongNoise() {
        Random random = new Random(5);
        float[] values = new float[800 * SIZE];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        Patches points = new Patches(values, SIZE);
        int[] chosen = Coreset.choose(points, 400, 6, Progress.NONE);
        assertArrayEquals(plainGreedy(points, 400, chosen[0]), chosen);
    }

    @Test
    void allAreChosenWhenAllAreWanted() {
        int[] chosen = Coreset.choose(clusters(20, 1), 20, 0, Progress.NONE);
        assertEquals(20, Arrays.stream(chosen).distinct().count());
    }

    @Test
    void itEndsWhenItIsCancelled() {
        Progress cancelled = new Progress() {
            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {}

            @Override
            public boolean cancelled() {
                return true;
            }
        };
        Patches points = clusters(50, 1);
        assertThrows(CancelledException.class, () -> Coreset.choose(points, 10, 0, cancelled));
    }
}
