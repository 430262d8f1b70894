package dev.loupe.vision.anomaly;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.model.AnomalyPrediction;
import dev.loupe.model.ModelManifest.DatasetVersion;
import dev.loupe.model.ModelManifest.Lineage;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Prediction;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.vision.DrawnParts;
import dev.loupe.vision.recipe.TrainingRecipe;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Packager;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What every recipe of an anomaly detector does, on drawn parts of which some are scratched or dented. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class AnomalyRecipeContract {
    protected static final int SIDE = 96;
    /** How far from the damage the hottest place may be, in pixels. */
    private static final int TOLERANCE = 10;

    protected Path folder;

    protected List<TrainingImage> images;
    protected TrainedModel model;

    /** Trains with the parameters of the test. */
    protected abstract TrainedModel train(TrainingJob job);

    /** Its backbone for images of {@link #SIDE} pixels, null if it has none. */
    protected abstract Backbone backbone();

    /** The recipe. */
    protected abstract TrainingRecipe<?> recipe();

    @BeforeAll
    void trainOnDrawnParts(@TempDir Path shared) {
        folder = shared;
        images = DrawnParts.draw(folder.resolve("images"), SIDE, 24, 6, 10);
        model = train(job(images, Progress.NONE, Checkpoints.NONE));
    }

    protected TrainingJob job(List<TrainingImage> some, Progress progress, Checkpoints checkpoints) {
        try {
            return new TrainingJob(
                    some,
                    List.of(DrawnParts.NORMAL, DrawnParts.ABNORMAL),
                    backbone(),
                    7,
                    2,
                    Files.createTempDirectory(folder, "work"),
                    progress,
                    checkpoints);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Progress of a training in epochs that is cancelled after one of them. */
    protected static Progress cancelledAfterEpoch(int last) {
        return new Progress() {
            private long epochs;

            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {
                epochs = phase.equals("train") ? done : epochs;
            }

            @Override
            public boolean cancelled() {
                return epochs == last;
            }
        };
    }

    private List<TrainingImage> test() {
        return images.stream().filter(image -> image.split() == Split.TEST).toList();
    }

    private Predictor trained() throws IOException {
        return new Predictor(
                Files.readAllBytes(model.onnx()),
                model.task(),
                model.preprocessing(),
                model.labels(),
                model.threshold(),
                1);
    }

    private static AnomalyPrediction predict(Predictor predictor, TrainingImage image) throws IOException {
        return (AnomalyPrediction)
                predictor.predict(List.of(Files.readAllBytes(image.file()))).getFirst();
    }

    @Test
    void damagedPartsAreFound() {
        assertTrue(model.metrics().get("auroc") >= 0.95, model.metrics().toString());
        assertTrue(model.metrics().get("recall") >= 0.8, model.metrics().toString());
        assertEquals("best F1 on 12 DEV images", model.threshold().how());
    }

    /** The control: DEV and TEST labels that have nothing to do with the images. */
    @Test
    void shuffledLabelsAreNotFound() {
        List<TrainingImage> shuffled = new ArrayList<>();
        Random random = new Random(5);
        for (Split split : Split.values()) {
            List<TrainingImage> some =
                    images.stream().filter(image -> image.split() == split).toList();
            List<String> labels =
                    new ArrayList<>(some.stream().map(TrainingImage::label).toList());
            Collections.shuffle(labels, random); // those of TRAIN are equal
            for (int i = 0; i < labels.size(); i++) {
                TrainingImage image = some.get(i);
                shuffled.add(new TrainingImage(image.id(), image.file(), labels.get(i), split));
            }
        }
        Map<String, Double> metrics =
                train(job(shuffled, Progress.NONE, Checkpoints.NONE)).metrics();
        assertFalse(metrics.get("auroc") >= 0.95 && metrics.get("recall") >= 0.8, metrics.toString());
    }

    @Test
    void theMapIsHotWhereThePartIsDamaged() throws IOException {
        try (Predictor predictor = trained()) {
            for (String id : List.of("TEST-abnormal-0", "TEST-abnormal-1")) {
                TrainingImage damaged = images.stream()
                        .filter(image -> image.id().equals(id))
                        .findFirst()
                        .orElseThrow();
                AnomalyPrediction prediction = predict(predictor, damaged);
                assertEquals(SIDE, prediction.mapWidth());
                assertEquals(SIDE, prediction.mapHeight());
                int hottest = 0;
                for (int i = 0; i < prediction.map().length; i++) {
                    hottest = prediction.map()[i] > prediction.map()[hottest] ? i : hottest;
                }
                BufferedImage image = ImageIO.read(damaged.file().toFile());
                assertTrue(
                        isDarkNear(image, hottest % SIDE, hottest / SIDE),
                        id + ": (" + hottest % SIDE + ", " + hottest / SIDE + ") is not at the damage");
            }
        }
    }

    private static boolean isDarkNear(BufferedImage image, int x, int y) {
        for (int dy = -TOLERANCE; dy <= TOLERANCE; dy++) {
            for (int dx = -TOLERANCE; dx <= TOLERANCE; dx++) {
                boolean inside = x + dx >= 0 && y + dy >= 0 && x + dx < SIDE && y + dy < SIDE;
                if (inside && (image.getRGB(x + dx, y + dy) & 0xFF) < 100) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void packageServesTheScoresOfItsEvaluation() throws IOException {
        ModelPackage packed = Packager.pack(
                model,
                images,
                new DatasetVersion("d", 1, "digest", "test digest"),
                new Lineage("r", 1, "p", "plates", Map.of(), 7, null, "0.1.0", "2026-11-20T00:00:00Z"),
                Files.createTempDirectory(folder, "package"));
        List<byte[]> encoded = new ArrayList<>();
        for (TrainingImage image : test()) {
            encoded.add(Files.readAllBytes(image.file()));
        }
        try (Predictor trained = trained();
                Predictor served = Predictor.open(ModelPackage.open(packed.folder()), 2)) {
            served.verifyParity();
            List<Prediction> batch = served.predict(encoded);
            for (int i = 0; i < encoded.size(); i++) {
                AnomalyPrediction alone = (AnomalyPrediction)
                        trained.predict(List.of(encoded.get(i))).getFirst();
                AnomalyPrediction together = (AnomalyPrediction) batch.get(i);
                float scale = Math.max(1, alone.score());
                assertEquals(alone.score(), together.score(), 1e-4 * scale);
                assertArrayEquals(alone.map(), together.map(), 1e-4f * scale);
            }
        }
    }

    @Test
    void theSameSeedGivesTheSameModel() throws IOException {
        TrainedModel second = train(job(images, Progress.NONE, Checkpoints.NONE));
        assertEquals(-1, Files.mismatch(model.onnx(), second.onnx()));
        assertEquals(model.metrics(), second.metrics());
    }

    @Test
    void anAbnormalTrainImageIsRefusedByName() {
        List<TrainingImage> mixed = images.stream()
                .map(image -> image.id().equals("DEV-abnormal-1")
                        ? new TrainingImage(image.id(), image.file(), image.label(), Split.TRAIN)
                        : image)
                .toList();
        TrainingJob job = job(mixed, Progress.NONE, Checkpoints.NONE);
        String message =
                assertThrows(IllegalArgumentException.class, () -> train(job)).getMessage();
        assertTrue(
                message.contains("TRAIN image 'DEV-abnormal-1' has the label 'abnormal', expected 'normal'"), message);
    }

    @Test
    void tooFewTrainImagesAreRefusedWithTheNumberNeeded() {
        List<TrainingImage> few = new ArrayList<>(
                images.stream().filter(image -> image.split() != Split.TRAIN).toList());
        few.addAll(images.stream()
                .filter(image -> image.split() == Split.TRAIN)
                .limit(7)
                .toList());
        TrainingJob job = job(few, Progress.NONE, Checkpoints.NONE);
        String message =
                assertThrows(IllegalArgumentException.class, () -> train(job)).getMessage();
        assertEquals(
                "recipe '%s' needs at least 10 normal TRAIN images, got 7: 3 are missing".formatted(recipe().name()),
                message);
    }

    @Test
    void itReportsProgressAndEndsWhenItIsCancelled() {
        List<String> phases = new ArrayList<>();
        Progress cancelledAtTheSecondPhase = new Progress() {
            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {
                if (!phases.contains(phase)) {
                    phases.add(phase);
                }
            }

            @Override
            public boolean cancelled() {
                return phases.size() > 1;
            }
        };
        TrainingJob job = job(images, cancelledAtTheSecondPhase, Checkpoints.NONE);
        assertThrows(CancelledException.class, () -> train(job));
        assertEquals(2, phases.size());
    }
}
