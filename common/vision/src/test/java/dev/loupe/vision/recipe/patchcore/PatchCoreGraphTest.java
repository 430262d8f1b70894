package dev.loupe.vision.recipe.patchcore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Backbone.FeatureMap;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.onnx.OnnxSession.Tensor;
import dev.loupe.vision.anomaly.ImageScore;
import dev.loupe.vision.anomaly.PatchFeatures;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Against a plain computation in double precision of what anomalib 2.7 does ({@code compute_anomaly_score}). */
class PatchCoreGraphTest {
    private static final int GRID = 5;
    private static final int CHANNELS = 7;
    private static final int STRIDE = 4;
    private static final int SIDE = GRID * STRIDE;
    private static final int IMAGES = 3;

    private final Patches bank = random(60, 1);
    private final Patches patches = random(IMAGES * GRID * GRID, 2);
    private final List<Tensor> outputs = run(patches.values(), IMAGES);

    private static Patches random(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count * CHANNELS];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return new Patches(values, CHANNELS);
    }

    private List<Tensor> run(float[] values, int images) {
        return run(values, images, ImageScore.MAX);
    }

    private List<Tensor> run(float[] values, int images, ImageScore score) {
        PatchFeatures features = new PatchFeatures(null, List.of(new FeatureMap("map", CHANNELS, GRID, GRID, STRIDE)));
        Preprocessing preprocessing = new Preprocessing(SIDE, SIDE, 1, new float[3], new float[] {1, 1, 1});
        OnnxGraph graph = OnnxGraph.create("memory");
        String input = graph.input("patches", -1, GRID * GRID, CHANNELS);
        PatchCoreGraph.append(graph, input, features, bank, preprocessing, score);
        try (OnnxSession session = new OnnxSession(graph.toBytes(), 1)) {
            long[] shape = {images, GRID * GRID, CHANNELS};
            return session.run(values, shape, List.of(Predictor.ANOMALY_SCORE, Predictor.ANOMALY_MAP));
        }
    }

    private static double distance(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }

    private int nearest(float[] patch) {
        return IntStream.range(0, bank.count())
                .boxed()
                .min(Comparator.comparingDouble(i -> distance(patch, bank.row(i))))
                .orElseThrow();
    }

    /** Distance of each place of an image to its nearest neighbour. */
    private double[] distances(int image) {
        return IntStream.range(0, GRID * GRID)
                .mapToDouble(place -> {
                    float[] patch = patches.row(image * GRID * GRID + place);
                    return distance(patch, bank.row(nearest(patch)));
                })
                .toArray();
    }

    @Test
    void theScoreIsTheWeightedDistanceOfTheFarthestPatch() {
        for (int image = 0; image < IMAGES; image++) {
            double[] distances = distances(image);
            int worst = IntStream.range(0, distances.length)
                    .boxed()
                    .max(Comparator.comparingDouble(i -> distances[i]))
                    .orElseThrow();
            float[] patch = patches.row(image * GRID * GRID + worst);
            float[] neighbour = bank.row(nearest(patch));
            double sum = IntStream.range(0, bank.count())
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> distance(neighbour, bank.row(i))))
                    .limit(9)
                    .mapToDouble(i -> Math.exp(distance(patch, bank.row(i))))
                    .sum();
            double expected = (1 - Math.exp(distances[worst]) / sum) * distances[worst];
            assertEquals(expected, outputs.getFirst().values()[image], 1e-5);
        }
    }

    @Test
    void theNearestPatchOfTheBankIsThatOfTheFarthestPatch() {
        PatchFeatures features = new PatchFeatures(null, List.of(new FeatureMap("map", CHANNELS, GRID, GRID, STRIDE)));
        OnnxGraph graph = OnnxGraph.create("memory");
        PatchCoreGraph.appendNearest(graph, graph.input("patches", -1, GRID * GRID, CHANNELS), features, bank);
        List<Tensor> found;
        try (OnnxSession session = new OnnxSession(graph.toBytes(), 1)) {
            found = session.run(
                    patches.values(),
                    new long[] {IMAGES, GRID * GRID, CHANNELS},
                    List.of(PatchCoreGraph.PLACE, PatchCoreGraph.NEAREST, PatchCoreGraph.DISTANCE));
        }
        for (int image = 0; image < IMAGES; image++) {
            double[] distances = distances(image);
            int worst = IntStream.range(0, distances.length)
                    .boxed()
                    .max(Comparator.comparingDouble(i -> distances[i]))
                    .orElseThrow();
            assertEquals(worst, found.get(0).values()[image]);
            assertEquals(
                    nearest(patches.row(image * GRID * GRID + worst)),
                    found.get(1).values()[image]);
            assertEquals(distances[worst], found.get(2).values()[image], 1e-5);
        }
    }

    @Test
    void theScoreOfTheHighestPercentIsTheMeanOfThesePixels() {
        List<Tensor> top = run(patches.values(), IMAGES, ImageScore.TOP_PERCENT);
        for (int image = 0; image < IMAGES; image++) {
            double[] map = Arrays.stream(blurred(interpolated(distances(image))))
                    .flatMapToDouble(Arrays::stream)
                    .sorted()
                    .toArray();
            // 4 of 400 pixels
            double expected = Arrays.stream(map).skip(map.length - 4).average().orElseThrow();
            assertEquals(expected, top.getFirst().values()[image], 1e-4);
        }
    }

    @Test
    void theMapIsTheDistancesInterpolatedAndBlurred() {
        Tensor maps = outputs.getLast();
        assertEquals(
                List.of((long) IMAGES, (long) SIDE, (long) SIDE),
                Arrays.stream(maps.shape()).boxed().toList());
        for (int image = 0; image < IMAGES; image++) {
            double[][] expected = blurred(interpolated(distances(image)));
            for (int i = 0; i < SIDE * SIDE; i++) {
                float actual = maps.values()[image * SIDE * SIDE + i];
                assertEquals(expected[i / SIDE][i % SIDE], actual, 1e-4, "pixel " + i);
            }
        }
    }

    /** Bilinear with half-pixel centres, clamped at the border, as {@code torch.nn.functional.interpolate}. */
    private static double[][] interpolated(double[] grid) {
        double[][] map = new double[SIDE][SIDE];
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                double gy = Math.clamp((y + 0.5) / STRIDE - 0.5, 0, GRID - 1);
                double gx = Math.clamp((x + 0.5) / STRIDE - 0.5, 0, GRID - 1);
                int y0 = Math.min((int) gy, GRID - 2);
                int x0 = Math.min((int) gx, GRID - 2);
                double top = grid[y0 * GRID + x0] * (1 - gx + x0) + grid[y0 * GRID + x0 + 1] * (gx - x0);
                double below = grid[(y0 + 1) * GRID + x0] * (1 - gx + x0) + grid[(y0 + 1) * GRID + x0 + 1] * (gx - x0);
                map[y][x] = top * (1 - gy + y0) + below * (gy - y0);
            }
        }
        return map;
    }

    /** Gaussian of sigma half the stride, cut off at four sigma, mirrored at the border without its edge. */
    private static double[][] blurred(double[][] map) {
        double sigma = STRIDE / 2.0;
        int radius = 4 * STRIDE / 2;
        double[][] result = new double[SIDE][SIDE];
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                double sum = 0;
                double weights = 0;
                for (int dy = -radius; dy <= radius; dy++) {
                    for (int dx = -radius; dx <= radius; dx++) {
                        double weight = Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
                        sum += weight * map[mirrored(y + dy)][mirrored(x + dx)];
                        weights += weight;
                    }
                }
                result[y][x] = sum / weights;
            }
        }
        return result;
    }

    private static int mirrored(int i) {
        return i < 0 ? -i : i >= SIDE ? 2 * (SIDE - 1) - i : i;
    }

    @Test
    void anImageScoresTheSameAloneAndInCompany() {
        for (int image = 0; image < IMAGES; image++) {
            int size = GRID * GRID * CHANNELS;
            float[] alone = Arrays.copyOfRange(patches.values(), image * size, (image + 1) * size);
            float score = run(alone, 1).getFirst().values()[0];
            assertEquals(outputs.getFirst().values()[image], score, 1e-5);
        }
    }

    @Test
    void aPatchThatTheBankHoldsIsAtDistanceNought() {
        float[] known = new float[GRID * GRID * CHANNELS];
        System.arraycopy(bank.values(), 0, known, 0, known.length);
        List<Tensor> result = run(known, 1);
        assertEquals(0, result.getFirst().values()[0], 1e-6);
        for (float value : result.getLast().values()) {
            assertEquals(0, value, 2e-3);
        }
    }
}
