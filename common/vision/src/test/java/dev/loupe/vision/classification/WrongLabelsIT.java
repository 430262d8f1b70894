package dev.loupe.vision.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.DrawnStripes;
import dev.loupe.vision.evaluation.ConfidentLearning;
import dev.loupe.vision.evaluation.ConfidentLearning.Suspect;
import dev.loupe.vision.recipe.transfer.Descriptions;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.FeatureExtractor;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainingImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Finds wrong labels of drawn images by the features of a backbone. */
class WrongLabelsIT {
    private static final int IMAGES = 240;
    /** 5 % of the images. */
    private static final int WRONG = 12;

    @TempDir
    static Path folder;

    private static final List<float[]> features = new ArrayList<>();
    private static int[] truth;
    private static Standardisation standardisation;

    @BeforeAll
    static void describeTheImages() throws IOException {
        Backbone backbone = Scattering.backbone(64);
        List<TrainingImage> images = DrawnStripes.images(folder, IMAGES, 0, 0);
        truth = images.stream()
                .mapToInt(image -> DrawnStripes.LABELS.indexOf(image.label()))
                .toArray();
        try (FeatureExtractor extractor = new FeatureExtractor(
                Descriptions.describing(backbone), backbone.preprocessing(), List.of("description"), 1)) {
            extractor.extract(images, "features", Progress.NONE, (_, described) -> features.add(described.getFirst()));
        }
        standardisation = Standardisation.of(features);
    }

    private static FeatureExamples examples(int[] labels) {
        return new FeatureExamples(features, labels, standardisation);
    }

    private static List<Suspect> suspects(int[] labels) {
        return new ConfidentLearning(labels, new CrossValidation(examples(labels), 2, 3).probabilities(Progress.NONE))
                .suspects();
    }

    @Test
    void mostOfFivePercentWrongLabelsAreFound() {
        List<Integer> order = new ArrayList<>(IntStream.range(0, IMAGES).boxed().toList());
        Collections.shuffle(order, new Random(5));
        Set<Integer> wrong = Set.copyOf(order.subList(0, WRONG));
        int[] labels = IntStream.range(0, IMAGES)
                .map(i -> wrong.contains(i) ? 1 - truth[i] : truth[i])
                .toArray();

        List<Suspect> suspects = suspects(labels);
        Set<Integer> first = suspects.stream().limit(WRONG).map(Suspect::index).collect(Collectors.toSet());
        long found = first.stream().filter(wrong::contains).count();
        assertTrue(found >= 0.8 * WRONG, found + " of " + WRONG + " among " + suspects);
        assertTrue(suspects.size() <= 2 * WRONG, suspects.toString());
        assertEquals(
                1 - labels[suspects.getFirst().index()], suspects.getFirst().probable());
    }

    /** The control: right labels. */
    @Test
    void fewRightLabelsAreSuspected() {
        List<Suspect> suspects = suspects(truth);
        assertTrue(suspects.size() <= 0.02 * IMAGES, suspects.toString());
    }

    /** The other control: labels that have nothing to do with the images make many suspects. */
    @Test
    void labelsOfChanceMakeManySuspects() {
        Random random = new Random(8);
        int[] labels = IntStream.range(0, IMAGES).map(_ -> random.nextInt(2)).toArray();
        assertTrue(suspects(labels).size() > 0.1 * IMAGES);
    }

    @Test
    void theSameSeedGivesTheSameProbabilities() {
        CrossValidation validation = new CrossValidation(examples(truth), 2, 3);
        double[][] once = validation.probabilities(Progress.NONE);
        assertArrayEquals(once, validation.probabilities(Progress.NONE));
        for (double[] row : once) {
            assertEquals(1, row[0] + row[1], 1e-12);
        }
    }

    @Test
    void eachFoldHasTheSameShareOfEachClass() {
        int[] labels = IntStream.range(0, IMAGES).map(i -> i < 33 ? 1 : 0).toArray();
        int[] folds = new CrossValidation(examples(labels), 2, 3).folds();
        for (int fold = 0; fold < CrossValidation.FOLDS; fold++) {
            int each = fold;
            long all = IntStream.of(folds).filter(other -> other == each).count();
            long ones = IntStream.range(0, 33).filter(i -> folds[i] == each).count();
            assertEquals(IMAGES / CrossValidation.FOLDS, all);
            assertTrue(ones == 6 || ones == 7, ones + " in fold " + fold);
        }
        assertFalse(Arrays.equals(folds, new CrossValidation(examples(labels), 2, 4).folds()));
    }

    @Test
    void aCancelledRunEnds() {
        Progress cancelled = new Progress() {
            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {}

            @Override
            public boolean cancelled() {
                return true;
            }
        };
        assertThrows(
                CancelledException.class, () -> new CrossValidation(examples(truth), 2, 3).probabilities(cancelled));
    }
}
