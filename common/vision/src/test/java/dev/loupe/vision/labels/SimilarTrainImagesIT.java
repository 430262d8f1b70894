package dev.loupe.vision.labels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.training.SimilarImages;
import dev.loupe.contracts.training.SimilarImages.Similar;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.DrawnStripes;
import dev.loupe.vision.classification.FeatureExamples;
import dev.loupe.vision.recipe.transfer.Descriptions;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimilarTrainImagesIT {
    private static final Backbone BACKBONE = Scattering.backbone(64);

    @TempDir
    static Path folder;

    private static TrainingJob job;
    private static List<TrainingImage> test;
    private static Descriptions descriptions;
    private static SimilarImages found;

    @BeforeAll
    static void search() throws IOException {
        List<TrainingImage> images = new ArrayList<>(DrawnStripes.images(folder, 24, 8, 8));
        TrainingImage fifth = images.get(5);
        images.add(new TrainingImage("copy", fifth.file(), fifth.label(), Split.TEST));
        job = new TrainingJob(images, DrawnStripes.LABELS, BACKBONE, 3, 2, folder, Progress.NONE, Checkpoints.NONE);
        test = job.images(Split.TEST);
        descriptions = Descriptions.afterTraining(job);
        found = SimilarTrainImages.of(
                job,
                test,
                () -> descriptions,
                images.stream().collect(Collectors.toMap(TrainingImage::id, image -> "name of " + image.id())));
    }

    @Test
    void theSameImageIsTheMostSimilarOne() {
        Similar first = found.images().get("copy").getFirst();

        assertEquals("5.png", first.sha256());
        assertEquals("name of 5.png", first.name());
        assertEquals(DrawnStripes.LABELS.get(1), first.label());
        assertEquals(1, first.similarity(), 1e-6);
    }

    @Test
    void imagesOfTheSameLabelAreTheMostSimilarOnes() {
        assertEquals(9, found.images().size());
        for (TrainingImage image : test) {
            List<Similar> similar = found.images().get(image.id());
            assertEquals(3, similar.size());
            similar.forEach(each -> assertEquals(image.label(), each.label(), image.id()));
        }
    }

    @Test
    void similarityIsTheCosineOfTheStandardisedFeatures() {
        double[][] train = rows(descriptions.examples(Split.TRAIN));
        double[][] asked = rows(descriptions.examples(test));
        for (int i = 0; i < asked.length; i++) {
            double[] row = asked[i];
            List<Double> cosines = Arrays.stream(train)
                    .map(other -> dot(row, other) / Math.sqrt(dot(row, row) * dot(other, other)))
                    .sorted(Comparator.reverseOrder())
                    .toList();
            List<Similar> similar = found.images().get(test.get(i).id());
            for (int k = 0; k < 3; k++) {
                assertEquals(cosines.get(k), similar.get(k).similarity(), 1e-5);
            }
        }
    }

    private static double[][] rows(FeatureExamples examples) {
        double[][] rows = new double[examples.size()][];
        for (int i = 0; i < rows.length; i++) {
            float[] row = examples.rows().get(i);
            rows[i] = new double[row.length];
            for (int j = 0; j < row.length; j++) {
                rows[i][j] = ((double) row[j] - examples.standardisation().mean()[j])
                        / examples.standardisation().deviation()[j];
            }
        }
        return rows;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    @Test
    void withoutImagesThereIsNothingToCompare() {
        SimilarImages none = SimilarTrainImages.of(
                job,
                List.of(),
                () -> {
                    throw new AssertionError("asked for features");
                },
                Map.of());

        assertTrue(none.images().isEmpty());
    }
}
