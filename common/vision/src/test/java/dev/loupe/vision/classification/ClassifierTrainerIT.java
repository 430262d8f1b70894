package dev.loupe.vision.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.imaging.ImagePreparation;
import dev.loupe.imaging.ImagePreparation.Fit;
import dev.loupe.model.ClassPrediction;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.DrawnStripes;
import dev.loupe.vision.recipe.FilterParameters;
import dev.loupe.vision.recipe.ImbalanceParameters;
import dev.loupe.vision.recipe.RegionParameters;
import dev.loupe.vision.recipe.scratch.ScratchRecipe;
import dev.loupe.vision.recipe.transfer.TransferParameters;
import dev.loupe.vision.recipe.transfer.TransferRecipe;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.KillingCheckpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.RandomKills;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassifierTrainerIT {
    private static final List<String> LABELS = DrawnStripes.LABELS;
    private static final Backbone SMALL = Scattering.backbone(64);

    @TempDir
    Path folder;

    @Test
    void aHeadOnABackboneTellsStripesApart() {
        TrainedModel model = train(SMALL, 10, Progress.NONE, Checkpoints.NONE);
        assertEquals(1, model.metrics().get("accuracy"));
        assertEquals(1, model.devMetrics().get("accuracy"));
        assertNull(model.resumedFrom());
    }

    @Test
    void aNetworkFromScratchTellsStripesApart() {
        TrainedModel model = train(null, 8, Progress.NONE, Checkpoints.NONE);
        assertTrue(model.metrics().get("accuracy") >= .9, model.metrics().toString());
    }

    @Test
    void theModelGivesProbabilitiesThatDoNotDependOnTheBatch() throws IOException {
        TrainingJob job = job(SMALL, Progress.NONE, Checkpoints.NONE);
        TrainedModel model = new TransferRecipe().train(job, transfer(3));
        List<byte[]> images = new ArrayList<>();
        for (TrainingImage image : job.images(Split.TEST)) {
            images.add(Files.readAllBytes(image.file()));
        }
        try (Predictor predictor = new Predictor(
                Files.readAllBytes(model.onnx()), Task.CLASSIFICATION, model.preprocessing(), LABELS, null, 1)) {
            List<float[]> together = predictor.predict(images).stream()
                    .map(prediction -> ((ClassPrediction) prediction).probabilities())
                    .toList();
            for (int i = 0; i < images.size(); i++) {
                float[] alone = ((ClassPrediction)
                                predictor.predict(List.of(images.get(i))).getFirst())
                        .probabilities();
                assertArrayEquals(alone, together.get(i), 1e-5f);
                assertEquals(1, alone[0] + alone[1], 1e-5);
            }
        }
    }

    @Test
    void aModelIsTrainedAndServedWithTheSamePreparation() throws IOException {
        Map<String, Object> prepared =
                Map.of("epochs", 3, "marginLeft", .5, "fit", "pad", "denoise", "median", "clahe", true, "grey", true);
        DrawnStripes.images(folder);
        byte[] image = Files.readAllBytes(folder.resolve("0.png"));
        BufferedImage halfBlack = ImageIO.read(folder.resolve("0.png").toFile());
        halfBlack.createGraphics().fillRect(0, 0, halfBlack.getWidth() / 2, halfBlack.getHeight());
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        ImageIO.write(halfBlack, "png", changed);

        TrainedModel model = new TransferRecipe().train(job(SMALL, Progress.NONE, Checkpoints.NONE), prepared);
        assertEquals(Fit.PAD, model.preprocessing().preparation().fit());
        assertArrayEquals(probabilities(model, image), probabilities(model, changed.toByteArray()));

        TrainedModel whole = train(SMALL, 3, Progress.NONE, Checkpoints.NONE);
        assertEquals(ImagePreparation.NONE, whole.preprocessing().preparation());
        assertFalse(Arrays.equals(probabilities(whole, image), probabilities(whole, changed.toByteArray())));
    }

    private static float[] probabilities(TrainedModel model, byte[] image) throws IOException {
        try (Predictor predictor = new Predictor(
                Files.readAllBytes(model.onnx()), Task.CLASSIFICATION, model.preprocessing(), LABELS, null, 1)) {
            return ((ClassPrediction) predictor.predict(List.of(image)).getFirst()).probabilities();
        }
    }

    @Test
    void aTrainingThatWasKilledGoesOnAsIfItHadNeverStopped() throws IOException {
        assertResumes(SMALL, 6, 3);
    }

    @Test
    void aTrainingFromScratchThatWasKilledGoesOnAsIfItHadNeverStopped() throws IOException {
        assertResumes(null, 4, 2);
    }

    @Test
    void augmentationOfAResumedTrainingIsThatOfTheUnbrokenOne() throws IOException {
        Map<String, Object> parameters = new HashMap<>(scratch(3));
        parameters.putAll(Map.of("network", "cnn", "imageSize", 32, "optimizer", "sgd", "learningRate", .01));
        parameters.putAll(Map.of("rotation", 10, "translation", .1, "zoom", .1, "hue", .05, "erasing", .5));
        parameters.putAll(Map.of("mixup", .4, "cutmix", 1, "averageDecay", .9, "schedule", "one-cycle"));
        TrainedModel whole = new ScratchRecipe().train(job(null, Progress.NONE, Checkpoints.NONE), parameters);
        byte[] expected = Files.readAllBytes(whole.onnx());
        KillingCheckpoints kept = new KillingCheckpoints(folder.resolve("kept"));
        kept.killAt("epoch 1");
        assertThrows(KillingCheckpoints.Killed.class, () -> new ScratchRecipe()
                .train(job(null, Progress.NONE, kept), parameters));
        assertSameAnswers(expected, new ScratchRecipe().train(job(null, Progress.NONE, kept), parameters));
    }

    /** An epoch has 16 steps: 12 of training, 4 of evaluation. */
    @Test
    void tenKillsAtRandomStepsLeaveTheWeightsOfTheUnbrokenTraining() throws IOException {
        Map<String, Object> parameters = new HashMap<>(scratch(10));
        parameters.putAll(Map.of("network", "cnn", "imageSize", 32, "batchSize", 4, "patience", 100));
        parameters.putAll(Map.of("rotation", 10, "mixup", .4, "averageDecay", .9, "schedule", "one-cycle"));
        TrainedModel whole = new ScratchRecipe().train(job(null, Progress.NONE, Checkpoints.NONE), parameters);
        KillingCheckpoints kept = new KillingCheckpoints(folder.resolve("kept"));
        TrainedModel resumed = new RandomKills(7, 24)
                .train(10, progress -> new ScratchRecipe().train(job(null, progress, kept), parameters));
        assertNotNull(resumed.resumedFrom());
        assertArrayEquals(Files.readAllBytes(whole.onnx()), Files.readAllBytes(resumed.onnx()));
    }

    @Test
    void imagesTooSmallForANetworkAreRefused() {
        TrainingJob job = job(null, Progress.NONE, Checkpoints.NONE);
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> new ScratchRecipe()
                .train(job, Map.of("network", "alexnet", "imageSize", 32)));
        assertTrue(refusal.getMessage().contains("at least 64"), refusal.getMessage());
    }

    private void assertResumes(Backbone backbone, int epochs, int killedAfter) throws IOException {
        TrainedModel whole = train(backbone, epochs, Progress.NONE, Checkpoints.NONE);
        byte[] expected = Files.readAllBytes(whole.onnx());

        KillingCheckpoints kept = new KillingCheckpoints(folder.resolve("kept"));
        kept.killAt("epoch " + killedAfter);
        assertThrows(KillingCheckpoints.Killed.class, () -> train(backbone, epochs, Progress.NONE, kept));
        TrainedModel resumed = train(backbone, epochs, Progress.NONE, kept);

        assertEquals("epoch " + killedAfter, resumed.resumedFrom());
        assertSameAnswers(expected, resumed);
    }

    @Test
    void featuresThatWereSavedAreNotComputedAgain() {
        KillingCheckpoints kept = new KillingCheckpoints(folder.resolve("kept"));
        train(SMALL, 1, Progress.NONE, kept);
        List<String> phases = new ArrayList<>();
        train(SMALL, 2, (Report) (phase, metrics) -> phases.add(phase), kept);
        assertTrue(phases.contains("train"));
        assertTrue(!phases.contains("features"), phases.toString());
    }

    @Test
    void eachEpochReportsItsLossAndItsAccuracyOnDev() {
        List<Map<String, Double>> reports = new ArrayList<>();
        Report report = (phase, metrics) -> {
            if (phase.equals("train")) {
                reports.add(metrics);
            }
        };
        train(SMALL, 4, report, Checkpoints.NONE);
        assertEquals(4, reports.size());
        assertTrue(reports.getLast().get("loss") < reports.getFirst().get("loss"));
        assertTrue(reports.getLast().containsKey("devAccuracy"));
    }

    @Test
    void cancelEndsTheTraining() {
        Progress cancelled = new Progress() {
            private boolean training;

            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {
                training = phase.equals("train");
            }

            @Override
            public boolean cancelled() {
                return training;
            }
        };
        assertThrows(CancelledException.class, () -> train(SMALL, 1000, cancelled, Checkpoints.NONE));
    }

    @Test
    void aLossThatIsNoNumberNamesTheLastFiniteEpoch() {
        Map<String, Object> wild = Map.of("imageSize", 32, "epochs", 50, "batchSize", 8, "learningRate", 1e38);
        TrainingJob job = job(null, Progress.NONE, Checkpoints.NONE);
        NonFiniteLossException failure =
                assertThrows(NonFiniteLossException.class, () -> new ScratchRecipe().train(job, wild));
        assertTrue(failure.getMessage().contains("epoch " + (failure.lastFiniteEpoch() + 1)), failure.getMessage());
    }

    @Test
    void aLabelWithoutTrainImagesIsRefused() {
        TrainingJob job = job(SMALL, Progress.NONE, Checkpoints.NONE);
        TrainingJob incomplete = new TrainingJob(
                job.images(),
                List.of("lying", "sitting", "standing"),
                SMALL,
                0,
                1,
                job.workFolder(),
                Progress.NONE,
                Checkpoints.NONE);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> new TransferRecipe().train(incomplete))
                .getMessage()
                .contains("'sitting' has no TRAIN image"));
    }

    private static void assertSameAnswers(byte[] expected, TrainedModel model) throws IOException {
        float[] images = new float[2 * model.preprocessing().size()];
        Random random = new Random(1);
        for (int i = 0; i < images.length; i++) {
            images[i] = random.nextFloat();
        }
        try (Predictor one = new Predictor(expected, Task.CLASSIFICATION, model.preprocessing(), LABELS, null, 1);
                Predictor other = new Predictor(
                        Files.readAllBytes(model.onnx()),
                        Task.CLASSIFICATION,
                        model.preprocessing(),
                        LABELS,
                        null,
                        1)) {
            for (int i = 0; i < 2; i++) {
                assertArrayEquals(
                        ((ClassPrediction) one.predictTensor(images, 2).get(i)).probabilities(),
                        ((ClassPrediction) other.predictTensor(images, 2).get(i)).probabilities(),
                        1e-4f);
            }
        }
    }

    /** Trains a head on a backbone, or without one a network from scratch. */
    private TrainedModel train(Backbone backbone, int epochs, Progress progress, Checkpoints checkpoints) {
        TrainingJob job = job(backbone, progress, checkpoints);
        return backbone == null
                ? new ScratchRecipe().train(job, scratch(epochs))
                : new TransferRecipe().train(job, transfer(epochs));
    }

    private static Map<String, Object> scratch(int epochs) {
        return Map.of("epochs", epochs, "batchSize", 16);
    }

    private static TransferParameters transfer(int epochs) {
        return new TransferParameters(
                "scattering",
                null,
                epochs,
                16,
                0.003,
                0,
                0,
                ImbalanceParameters.NONE,
                RegionParameters.WHOLE,
                FilterParameters.NONE);
    }

    private TrainingJob job(Backbone backbone, Progress progress, Checkpoints checkpoints) {
        try {
            return new TrainingJob(
                    DrawnStripes.images(folder),
                    LABELS,
                    backbone,
                    7,
                    1,
                    Files.createTempDirectory(folder, "work"),
                    progress,
                    checkpoints);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Hears phases and metrics, never cancels. */
    private interface Report extends Progress {
        void heard(String phase, Map<String, Double> metrics);

        @Override
        default void report(String phase, long done, long total, Map<String, Double> metrics) {
            heard(phase, metrics);
        }

        @Override
        default boolean cancelled() {
            return false;
        }
    }
}
