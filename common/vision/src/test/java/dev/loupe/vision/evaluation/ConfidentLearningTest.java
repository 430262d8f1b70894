package dev.loupe.vision.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.vision.evaluation.ConfidentLearning.Suspect;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

class ConfidentLearningTest {
    private static final double TOLERANCE = 1e-9;

    private record Case(JsonNode expected, int[] labels, double[][] probabilities) {
        static Case of(JsonNode expected) {
            return new Case(
                    expected,
                    ints(expected.path("labels")),
                    StreamSupport.stream(expected.path("weights").spliterator(), false)
                            .map(ConfidentLearningTest::ints)
                            .map(row -> {
                                double sum = Arrays.stream(row).sum();
                                return Arrays.stream(row)
                                        .mapToDouble(weight -> weight / sum)
                                        .toArray();
                            })
                            .toArray(double[][]::new));
        }

        ConfidentLearning learning() {
            return new ConfidentLearning(labels, probabilities);
        }
    }

    private static int[] ints(JsonNode values) {
        return StreamSupport.stream(values.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }

    /** Written by src/test/python/confident_learning_reference.py with cleanlab 2.9.0. */
    private static List<Case> cases() throws IOException {
        try (InputStream file = ConfidentLearningTest.class.getResourceAsStream("confident-learning.json")) {
            return StreamSupport.stream(new ObjectMapper().readTree(file).spliterator(), false)
                    .map(Case::of)
                    .toList();
        }
    }

    @Test
    void thresholdsAndJointAreThoseOfCleanlab() throws IOException {
        assertEquals(6, cases().size());
        for (Case each : cases()) {
            double[] thresholds = each.learning().thresholds();
            int[][] joint = each.learning().joint();
            for (int c = 0; c < thresholds.length; c++) {
                JsonNode threshold = each.expected().path("thresholds").get(c);
                if (threshold.isNull()) {
                    assertEquals(Double.POSITIVE_INFINITY, thresholds[c]);
                } else {
                    assertEquals(threshold.asDouble(), thresholds[c], TOLERANCE);
                }
                joint[c][c] = Math.max(1, joint[c][c]); // cleanlab's diagonal is at least 1
                assertArrayEquals(ints(each.expected().path("joint").get(c)), joint[c]);
            }
        }
    }

    @Test
    void suspectsAndTheirScoresAreThoseOfCleanlab() throws IOException {
        for (Case each : cases()) {
            ConfidentLearning learning = each.learning();
            List<Suspect> suspects = learning.suspects();
            assertArrayEquals(
                    ints(each.expected().path("suspects")),
                    suspects.stream().mapToInt(Suspect::index).sorted().toArray());
            for (int i = 0; i < each.labels().length; i++) {
                assertEquals(
                        each.expected().path("selfConfidence").get(i).asDouble(),
                        learning.selfConfidence(i),
                        TOLERANCE);
                assertEquals(each.expected().path("margin").get(i).asDouble(), learning.margin(i), TOLERANCE);
            }
            assertEquals(
                    suspects.stream()
                            .sorted(Comparator.comparingDouble(Suspect::margin))
                            .toList(),
                    suspects);
        }
    }

    /** By hand: the thresholds are (.9 + .8 + .1) / 3 = .6 and (.7 + .9) / 2 = .8; image 2 reaches .8 for class 1. */
    @Test
    void anImageThatReachesTheThresholdOfAnotherClassIsASuspect() {
        ConfidentLearning learning = new ConfidentLearning(
                new int[] {0, 0, 0, 1, 1}, new double[][] {{.9, .1}, {.8, .2}, {.1, .9}, {.3, .7}, {.1, .9}});
        assertArrayEquals(new double[] {.6, .8}, learning.thresholds(), 1e-12);
        assertArrayEquals(new int[][] {{2, 1}, {0, 1}}, learning.joint());
        assertEquals(1, learning.suspects().size());
        Suspect suspect = learning.suspects().getFirst();
        assertEquals(List.of(2, 0, 1), List.of(suspect.index(), suspect.label(), suspect.probable()));
        assertEquals(.1, suspect.selfConfidence(), 1e-12);
        assertEquals(.1, suspect.margin(), 1e-12);
    }

    /** Image 0 reaches the low threshold of class 1 alone, but class 0 is the most probable one. */
    @Test
    void anImageWhoseLabelIsTheMostProbableClassIsNoSuspect() {
        ConfidentLearning learning =
                new ConfidentLearning(new int[] {0, 0, 1, 1}, new double[][] {{.6, .4}, {1, 0}, {.7, .3}, {.7, .3}});
        assertEquals(1, learning.joint()[0][1]);
        assertTrue(learning.suspects().isEmpty());
    }

    @Test
    void inputThatMakesNoSenseIsRefused() {
        assertTrue(new ConfidentLearning(new int[0], new double[0][]).suspects().isEmpty());
        assertThrows(IllegalArgumentException.class, () -> new ConfidentLearning(new int[] {0}, new double[][] {{1}}));
        assertThrows(
                IllegalArgumentException.class, () -> new ConfidentLearning(new int[] {2}, new double[][] {{.5, .5}}));
        assertThrows(IllegalArgumentException.class, () -> new ConfidentLearning(new int[] {0}, new double[0][]));
        assertFalse(IntStream.of(new ConfidentLearning(new int[] {0}, new double[][] {{.5, .5}}).joint()[0])
                .allMatch(count -> count == 0));
    }
}
