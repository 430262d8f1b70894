package dev.loupe.vision.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.contracts.evaluation.EvaluationReport.DefectReport;
import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import dev.loupe.contracts.evaluation.EvaluationReport.Localization;
import dev.loupe.imaging.DefectRegions;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The expected figures are written out with NumPy: {@code src/test/python/pixel_reference.py}. */
class PixelScoresTest {
    private static final double EXACT = 1e-9;
    private static final int SIDE = 96;

    private static JsonNode reference;

    @BeforeAll
    static void readReference() throws IOException {
        try (InputStream file = PixelScoresTest.class.getResourceAsStream("pixels.json")) {
            reference = new ObjectMapper().readTree(file);
        }
    }

    private static PixelSample sample(int width, int height, JsonNode image) {
        float[] scores = new float[width * height];
        byte[] mask = new byte[scores.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = image.path("scores").get(i).floatValue();
            mask[i] = (byte) image.path("mask").get(i).asInt();
        }
        return image.path("defect").isNull()
                ? PixelSample.normal(scores)
                : PixelSample.abnormal(image.path("defect").asText(), scores, DefectRegions.of(width, height, mask));
    }

    private static PixelScores scores(JsonNode item) {
        PixelScores scores = new PixelScores();
        item.path("images")
                .forEach(image -> scores.add(
                        sample(item.path("width").asInt(), item.path("height").asInt(), image)));
        return scores;
    }

    @Test
    void metricsAreThoseOfNumPy() {
        assertEquals(30, reference.size());
        for (JsonNode item : reference) {
            PixelScores scores = scores(item);
            for (String name : List.of("pixelAuroc", "pixelAveragePrecision", "aupro")) {
                assertEquals(item.path(name).asDouble(), scores.metrics().get(name), EXACT, name);
            }
            assertEquals(item.path("regions").asInt(), scores.description().regions());
            item.path("kinds").properties().forEach(kind -> {
                assertEquals(kind.getValue().path("aupro").asDouble(), scores.aupro(kind.getKey()), EXACT);
                assertEquals(kind.getValue().path("regions").asInt(), scores.regions(kind.getKey()));
            });
        }
    }

    /** Images with a square of a defect, whose scores are random plus something for the defective pixels. */
    private static PixelScores drawn(int images, double rise, PixelScores scores) {
        SplittableRandom random = new SplittableRandom(3);
        for (int image = 0; image < images; image++) {
            byte[] mask = new byte[SIDE * SIDE];
            float[] values = new float[mask.length];
            int x = random.nextInt(SIDE - 20);
            int y = random.nextInt(SIDE - 20);
            for (int row = y; image % 2 == 0 && row < y + 20; row++) {
                Arrays.fill(mask, row * SIDE + x, row * SIDE + x + 20, (byte) 1);
            }
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (5 + random.nextGaussian() + rise * mask[i]);
            }
            scores.add(
                    image % 2 == 0
                            ? PixelSample.abnormal("square", values, DefectRegions.of(SIDE, SIDE, mask))
                            : PixelSample.normal(values));
        }
        return scores;
    }

    /** The control: a map that knows nothing has an AUROC of one half, and as AUPRO half of the limit. */
    @Test
    void randomMapsReachWhatChanceDoes() {
        Map<String, Double> metrics = drawn(40, 0, new PixelScores()).metrics();
        assertEquals(0.5, metrics.get("pixelAuroc"), 0.01);
        assertEquals(PixelScores.LIMIT / 2, metrics.get("aupro"), 0.01);
        assertEquals(20.0 * 400 / (40 * SIDE * SIDE), metrics.get("pixelAveragePrecision"), 0.003);
    }

    @Test
    void equalScoresReachWhatChanceDoes() {
        PixelScores scores = new PixelScores();
        byte[] mask = new byte[16];
        mask[5] = 1;
        scores.add(PixelSample.abnormal(null, new float[16], DefectRegions.of(4, 4, mask)));
        assertEquals(
                Map.of("pixelAuroc", 0.5, "pixelAveragePrecision", 1.0 / 16, "aupro", PixelScores.LIMIT / 2),
                scores.metrics());
    }

    @Test
    void boundedMemoryChangesTheFiguresByLessThanAThousandth() {
        PixelScores exact = drawn(40, 1.5, new PixelScores());
        PixelScores bounded = drawn(40, 1.5, new PixelScores(10_000));
        assertEquals(0, exact.description().scoreStep());
        assertEquals(0x1p-11, bounded.description().scoreStep());
        assertEquals(40L * SIDE * SIDE, bounded.description().pixels());
        exact.metrics()
                .forEach((name, value) -> assertEquals(value, bounded.metrics().get(name), 1e-3, name));
    }

    @Test
    void aRegionCountsTheSameWhateverItsSize() {
        byte[] mask = new byte[100];
        float[] values = new float[100];
        Arrays.fill(mask, 0, 30, (byte) 1); // three rows, found
        Arrays.fill(values, 0, 30, 2);
        mask[99] = 1; // one pixel, as low as the normal ones
        PixelScores scores = new PixelScores();
        scores.add(PixelSample.abnormal(null, values, DefectRegions.of(10, 10, mask)));
        // Half of the overlap at once, the other half along the diagonal.
        assertEquals(0.5 + 0.5 * PixelScores.LIMIT / 2, scores.metrics().get("aupro"), EXACT);
        assertTrue(scores.metrics().get("pixelAuroc") > 0.98);
    }

    @Test
    void diagonalNeighboursAreOneRegion() {
        byte[] mask = {1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0};
        DefectRegions regions = DefectRegions.of(3, 5, mask);
        assertEquals(2, regions.count());
        assertEquals(List.of(12, 2, 1), Arrays.stream(regions.sizes()).boxed().toList());
    }

    @Test
    void intervalsHoldTheValueAndNarrowWithMoreImages() {
        Map<String, Estimate> few = drawn(16, 1.5, new PixelScores()).estimates(1);
        Map<String, Estimate> many = drawn(144, 1.5, new PixelScores()).estimates(1);
        assertEquals(List.of("pixelAuroc", "pixelAveragePrecision", "aupro"), List.copyOf(many.keySet()));
        many.forEach((name, estimate) -> {
            assertTrue(estimate.low() <= estimate.value() && estimate.value() <= estimate.high(), name);
            double width = estimate.high() - estimate.low();
            assertTrue(width > 0 && width < few.get(name).high() - few.get(name).low(), name + " " + width);
        });
        assertEquals(few, drawn(16, 1.5, new PixelScores()).estimates(1), "the same seed gives the same intervals");
    }

    @Test
    void theReportHasEachKindOfDefect() {
        PixelScores pixels = drawn(4, 3, new PixelScores());
        pixels.addWithoutMask();
        BinaryMetrics scores =
                new BinaryMetrics(new double[] {5, 1, 2, 1, 6}, new boolean[] {true, false, true, false, true});
        EvaluationReport report = AnomalyReport.of(
                List.of("normal", "abnormal"),
                scores,
                Arrays.asList("square", null, "square", null, "hair"),
                pixels,
                3,
                1);
        List<DefectReport> defects = report.detection().defects();
        assertEquals(new DefectReport("hair", 1, 1, 0, null), defects.getFirst());
        assertEquals(
                new DefectReport(
                        "square", 2, 1, 2, report.metrics().get("aupro").value()),
                defects.getLast());
        assertEquals(2, defects.size());
        assertEquals(
                new Localization(4, 1, 4L * SIDE * SIDE, 800, 2, PixelScores.LIMIT, 0),
                report.detection().localization());
    }

    @Test
    void withoutMasksThereAreNoMetricsOfPixels() {
        PixelScores scores = new PixelScores();
        scores.add(PixelSample.normal(new float[] {1, 2}));
        assertFalse(scores.measurable());
        assertEquals(Map.of(), scores.metrics());
        assertEquals(Map.of(), scores.estimates(1));
        assertNull(scores.aupro("dent"));
    }
}
