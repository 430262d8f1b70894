package dev.loupe.vision.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.contracts.Task;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.Predictor;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A window has 4 rows and 6 columns of the input, as each of the places that the classifier looks at. */
class OcclusionMapTest {
    private static final int WIDTH = 24;
    private static final int HEIGHT = 16;
    /** Mean of the first channel: 24 of its 384 values are 1, and 24 are 0.5. */
    private static final double MEAN = 36 / 384.0;

    private final float[] image = new float[3 * HEIGHT * WIDTH];
    private Predictor classifier;

    /** For the label "yes" speaks what is bright at the rows 12 to 15 and the columns 6 to 11, against it at 0 to 3 and 0 to 5. */
    @BeforeEach
    void open() {
        OnnxGraph graph = OnnxGraph.create("g");
        String input = graph.input("input", -1, 3, HEIGHT, WIDTH);
        String logit = graph.node("Sub", List.of(mean(graph, input, 12, 6), mean(graph, input, 0, 0)));
        String logits = graph.node(
                "Concat",
                List.of(logit, graph.node("Mul", List.of(logit, graph.scalar("zero", 0)))),
                OnnxAttribute.of("axis", 1));
        graph.output(
                graph.node("Softmax", List.of(logits), OnnxAttribute.of("axis", 1)), Predictor.PROBABILITIES, -1, 2);
        classifier = new Predictor(
                graph.toBytes(),
                Task.CLASSIFICATION,
                new Preprocessing(WIDTH, HEIGHT, 1, new float[3], new float[] {1, 1, 1}),
                List.of("yes", "no"),
                null,
                1);
        fill(12, 6, 1);
        fill(0, 0, 0.5f);
    }

    private static String mean(OnnxGraph graph, String input, int row, int column) {
        String place = graph.slice(graph.slice(graph.slice(input, 1, 0, 1), 2, row, row + 4), 3, column, column + 6);
        return graph.reduce("ReduceMean", place, false, 2, 3);
    }

    private void fill(int row, int column, float value) {
        for (int y = row; y < row + 4; y++) {
            Arrays.fill(image, y * WIDTH + column, y * WIDTH + column + 6, value);
        }
    }

    @AfterEach
    void close() {
        classifier.close();
    }

    @Test
    void aPlaceHasTheMeanFallOfTheWindowsThatCoverIt() {
        float[] map = OcclusionMap.of(classifier, image).values();

        double whole = fall(1);
        double half = fall(0.5);
        double quarter = fall(0.25);
        assertEquals((whole + half) / 2, map[7 * 8 + 2], 1e-6); // the last row: one row of windows
        assertEquals((whole + half) / 2, map[7 * 8 + 3], 1e-6);
        assertEquals((whole + half + half + quarter) / 4, map[6 * 8 + 2], 1e-6);
        assertEquals((half + quarter) / 4, map[5 * 8 + 2], 1e-6); // two windows cover a part, two nothing of it
        assertEquals(half / 2, map[7 * 8 + 1], 1e-6);
        assertEquals(0, map[7 * 8 + 6], 1e-6);
    }

    @Test
    void aPlaceThatSpeaksAgainstTheLabelHasNone() {
        OcclusionMap map = OcclusionMap.of(classifier, image);

        assertEquals(0, map.values()[0]);
        assertEquals((fall(1) + fall(0.5)) / 2, map.highest(), 1e-6);
    }

    @Test
    void itIsOfThePredictedLabel() {
        fill(12, 6, 0);

        float[] map = OcclusionMap.of(classifier, image).values();

        double mean = 12 / 384.0;
        assertEquals(sigmoid(0.5) - sigmoid(mean), map[0], 1e-6);
        // Grey in place of black speaks a little for "yes".
        double other = sigmoid(0.5) - (sigmoid(0.5 - mean) + sigmoid(0.5 - mean / 2)) / 2;
        assertEquals(other, map[7 * 8 + 2], 1e-6);
    }

    /** By how much the probability of "yes" falls if a share of its place is covered. */
    private static double fall(double share) {
        return sigmoid(0.5) - sigmoid(1 - share + share * MEAN - 0.5);
    }

    private static double sigmoid(double logit) {
        return 1 / (1 + Math.exp(-logit));
    }
}
