package dev.loupe.vision.recipe.patchcore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WhiteningTest {
    private static final int SIZE = 6;

    /** Channels of very unequal spread that share a common part; the last one is the sum of two others. */
    private static Patches correlated(int count) {
        Random random = new Random(9);
        float[] values = new float[count * SIZE];
        for (int i = 0; i < count; i++) {
            double common = 50 * random.nextGaussian();
            for (int k = 0; k < SIZE - 1; k++) {
                values[i * SIZE + k] = (float) (common + (k + 1) * random.nextGaussian() + 7);
            }
            values[i * SIZE + SIZE - 1] = values[i * SIZE] + values[i * SIZE + 1];
        }
        return new Patches(values, SIZE);
    }

    @Test
    void whitenedFeaturesAreUncorrelatedAndOfVarianceOne() {
        Patches features = correlated(4000);
        Patches white = Whitening.fit(features, Treatment.WHITENED, 0).apply(features);
        // One of the six is a sum of others: it has no direction of its own.
        assertEquals(SIZE - 1, white.size());
        double[][] covariance = new double[white.size()][white.size()];
        double[] mean = new double[white.size()];
        for (int i = 0; i < white.count(); i++) {
            float[] row = white.row(i);
            for (int a = 0; a < row.length; a++) {
                mean[a] += row[a] / white.count();
                for (int b = 0; b < row.length; b++) {
                    covariance[a][b] += (double) row[a] * row[b] / white.count();
                }
            }
        }
        for (int a = 0; a < mean.length; a++) {
            double[] unit = new double[mean.length];
            unit[a] = 1;
            assertEquals(0, mean[a], 1e-3);
            assertArrayEquals(unit, covariance[a], 1e-3);
        }
    }

    @ParameterizedTest
    @EnumSource(Treatment.class)
    void theGraphComputesWhatTheTrainerDoes(Treatment treatment) {
        Patches features = correlated(40);
        Whitening whitening = Whitening.fit(features, treatment, 0);
        OnnxGraph graph = OnnxGraph.create("whitening");
        String input = graph.input("patches", -1, 20, SIZE);
        graph.output(whitening.appendTo(graph, input), "white", -1, 20, whitening.to());
        try (OnnxSession session = new OnnxSession(graph.toBytes(), 1)) {
            float[] white = session.run(features.values(), new long[] {2, 20, SIZE}, List.of("white"))
                    .getFirst()
                    .values();
            assertArrayEquals(whitening.apply(features).values(), white, 1e-4f);
        }
    }

    @Test
    void withoutTreatmentDistancesAreThoseOfTheFeatures() {
        Patches features = correlated(40);
        Patches same = Whitening.fit(features, Treatment.NONE, 0).apply(features);
        for (int i = 1; i < features.count(); i++) {
            double expected = features.squaredDistance(0, features, i);
            assertEquals(expected, same.squaredDistance(0, same, i), 1e-3 * expected);
        }
    }

    @Test
    void ofUnitLengthTheStrengthOfFeaturesDoesNotCount() {
        Patches features = correlated(40);
        float[] stronger = features.values().clone();
        for (int i = 0; i < stronger.length; i++) {
            stronger[i] *= 3;
        }
        Whitening unit = Whitening.fit(features, Treatment.L2, 0);
        assertArrayEquals(
                unit.apply(features).values(),
                unit.apply(new Patches(stronger, SIZE)).values(),
                1e-4f);
        double expected = 2 - 2 * cosine(features, 0, 1);
        Patches directions = unit.apply(features);
        assertEquals(expected, directions.squaredDistance(0, directions, 1), 1e-3);
    }

    private static double cosine(Patches features, int one, int other) {
        double product = 0;
        for (int k = 0; k < SIZE; k++) {
            product += features.row(one)[k] * features.row(other)[k];
        }
        float[] squares = features.squaredNorms();
        return product / Math.sqrt((double) squares[one] * squares[other]);
    }

    @Test
    void featuresThatNeverChangeAreRefused() {
        Patches same = new Patches(new float[60], SIZE);
        assertThrows(IllegalArgumentException.class, () -> Whitening.fit(same, Treatment.WHITENED, 0));
    }
}
