package dev.loupe.vision.recipe.classical;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.model.ClassPrediction;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Hog;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.FolderCheckpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ClassicalRecipeIT {
    private static final List<String> LABELS = List.of("lying", "slanted", "standing");
    private static final int SIDE = 32;
    private static final Backbone SCATTERING = Scattering.backbone(SIDE);
    private static final Backbone HOG = Hog.backbone(SIDE);

    @TempDir
    static Path folder;

    private static List<TrainingImage> images;

    @BeforeAll
    static void draw() throws IOException {
        images = new ArrayList<>();
        Random random = new Random(5);
        for (int i = 0; i < 90; i++) {
            int label = i % LABELS.size();
            Path file = folder.resolve(i + ".png");
            ImageIO.write(stripes(label * Math.PI / 4, random), "png", file.toFile());
            Split split = i < 45 ? Split.TRAIN : i < 60 ? Split.DEV : Split.TEST;
            images.add(new TrainingImage(i + ".png", file, LABELS.get(label), split));
        }
    }

    /** Stripes across a direction with a random phase and width, under noise. */
    private static BufferedImage stripes(double direction, Random random) {
        double phase = random.nextDouble() * 6;
        double frequency = .6 + .4 * random.nextDouble();
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                double wave = Math.sin(phase + frequency * (Math.sin(direction) * x + Math.cos(direction) * y));
                int grey = Math.clamp(Math.round(128 + 60 * wave + 20 * random.nextGaussian()), 0, 255);
                image.setRGB(x, y, grey << 16 | grey << 8 | grey);
            }
        }
        return image;
    }

    @ParameterizedTest
    @EnumSource(Learner.class)
    void eachLearnerTellsStripesApartAndServesWhatItWasEvaluatedWith(Learner learner) throws IOException {
        for (Backbone backbone : List.of(SCATTERING, HOG)) {
            TrainedModel model = train(backbone, Map.of("learner", learner.toString(), "trees", 50), Checkpoints.NONE);
            double least = learner == Learner.DECISION_TREE ? .8 : .95;
            assertTrue(
                    model.metrics().get("accuracy") >= least,
                    learner + " on " + backbone.name() + ": " + model.metrics());
            assertServes(model);
        }
    }

    private static void assertServes(TrainedModel model) throws IOException {
        List<TrainingImage> test =
                images.stream().filter(image -> image.split() == Split.TEST).toList();
        List<byte[]> encoded = new ArrayList<>();
        for (TrainingImage image : test) {
            encoded.add(Files.readAllBytes(image.file()));
        }
        try (Predictor served = new Predictor(
                Files.readAllBytes(model.onnx()), Task.CLASSIFICATION, model.preprocessing(), LABELS, null, 1)) {
            var together = served.predict(encoded);
            for (int i = 0; i < test.size(); i++) {
                ClassPrediction answer = (ClassPrediction) together.get(i);
                Map<String, Double> trained =
                        model.testPredictions().get(test.get(i).id()).probabilities();
                for (int c = 0; c < LABELS.size(); c++) {
                    assertEquals(trained.get(LABELS.get(c)), answer.probabilities()[c], 1e-4);
                }
            }
        }
    }

    @Test
    void aSecondAttemptHasTheSameModelWithoutComputingFeatures() throws IOException {
        FolderCheckpoints kept = new FolderCheckpoints(Files.createTempDirectory(folder, "kept"));
        Map<String, Object> parameters = Map.of("learner", "random-forest", "trees", 20);
        byte[] first = Files.readAllBytes(train(SCATTERING, parameters, kept).onnx());
        TrainedModel again = train(SCATTERING, parameters, kept);
        assertEquals("features 60/60", again.resumedFrom());
        assertArrayEquals(first, Files.readAllBytes(again.onnx()));
    }

    @Test
    void aJobWithoutBackboneIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> train(null, Map.of(), Checkpoints.NONE));
    }

    private static TrainedModel train(Backbone backbone, Map<String, Object> parameters, Checkpoints checkpoints)
            throws IOException {
        return new ClassicalRecipe()
                .train(
                        new TrainingJob(
                                images,
                                LABELS,
                                backbone,
                                7,
                                2,
                                Files.createTempDirectory(folder, "work"),
                                Progress.NONE,
                                checkpoints),
                        parameters);
    }
}
