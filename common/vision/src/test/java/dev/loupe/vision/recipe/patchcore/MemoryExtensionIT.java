package dev.loupe.vision.recipe.patchcore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.imaging.ImageConditions.Measure;
import dev.loupe.model.AnomalyPrediction;
import dev.loupe.model.ModelManifest.DatasetVersion;
import dev.loupe.model.ModelManifest.Extension;
import dev.loupe.model.ModelManifest.Lineage;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.NormalRange;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.DrawnParts;
import dev.loupe.vision.recipe.gaussian.GaussianRecipe;
import dev.loupe.vision.recipe.patchcore.MemoryExtension.Extended;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Packager;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TestPrediction;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plates with a stamp, which is normal, are false alarms of a model that has learned from plates without one. */
class MemoryExtensionIT {
    private static final int SIDE = 96;
    private static final List<String> LABELS = List.of(DrawnParts.NORMAL, DrawnParts.ABNORMAL);

    @TempDir
    static Path folder;

    private static List<TrainingImage> images;
    private static List<TrainingImage> stamped;
    private static TrainedModel model;
    private static ModelPackage parent;
    private static Extended extended;
    private static ModelPackage child;

    @BeforeAll
    static void trainAndExtend() throws IOException {
        images = DrawnParts.draw(folder.resolve("images"), SIDE, 24, 10, 20);
        // 40 stamped plates: 20 to learn from, 20 that stay unknown.
        stamped = new ArrayList<>();
        for (TrainingImage plate :
                DrawnParts.draw(folder.resolve("further"), SIDE, 64, 0, 0).subList(24, 64)) {
            stamped.add(stamp(plate));
        }
        model = new PatchCoreRecipe().train(job(images), PatchCoreParameters.DEFAULTS);
        parent = pack(model, images, lineage(null));
        extended = MemoryExtension.extend(parent, job(withTrain(stamped.subList(0, 20))));
        child = pack(extended.model(), images, lineage(extension(extended, 20)));
    }

    private static TrainingImage stamp(TrainingImage plate) throws IOException {
        BufferedImage image = ImageIO.read(plate.file().toFile());
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(220, 220, 225));
        graphics.fillRect(SIDE / 8, SIDE / 8, SIDE / 6, SIDE / 12);
        graphics.dispose();
        Path file = plate.file().resolveSibling("stamped-" + plate.file().getFileName());
        ImageIO.write(image, "png", file.toFile());
        return new TrainingImage("stamped-" + plate.id(), file, DrawnParts.NORMAL, Split.TRAIN);
    }

    private static List<TrainingImage> withTrain(List<TrainingImage> further) {
        List<TrainingImage> all = new ArrayList<>(
                images.stream().filter(image -> image.split() != Split.TRAIN).toList());
        all.addAll(further);
        return all;
    }

    private static TrainingJob job(List<TrainingImage> images) {
        try {
            return new TrainingJob(
                    images,
                    LABELS,
                    Scattering.backbone(SIDE),
                    7,
                    2,
                    Files.createTempDirectory(folder, "work"),
                    Progress.NONE,
                    Checkpoints.NONE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Lineage lineage(Extension extension) {
        return new Lineage("r", 1, "p", "plates", Map.of(), 7, null, "0.1.0", "2026-11-20T00:00:00Z", extension);
    }

    private static Extension extension(Extended made, int images) {
        return new Extension(
                "r",
                "ab".repeat(32),
                stamped.subList(0, images).stream().map(TrainingImage::id).toList(),
                made.patches(),
                made.radius());
    }

    private static ModelPackage pack(TrainedModel model, List<TrainingImage> images, Lineage lineage)
            throws IOException {
        return Packager.pack(
                model,
                images,
                new DatasetVersion("d", 1, "digest", "test digest"),
                lineage,
                Files.createTempDirectory(folder, "package"));
    }

    private static int anomalous(ModelPackage source, List<TrainingImage> images) throws IOException {
        int anomalous = 0;
        try (Predictor predictor = Predictor.open(source)) {
            for (TrainingImage image : images) {
                AnomalyPrediction prediction = (AnomalyPrediction) predictor
                        .predict(List.of(Files.readAllBytes(image.file())))
                        .getFirst();
                anomalous += prediction.anomalous() ? 1 : 0;
            }
        }
        return anomalous;
    }

    private static long misses(TrainedModel model) {
        return model.testPredictions().values().stream()
                .filter(prediction -> prediction.label().equals(DrawnParts.ABNORMAL))
                .map(TestPrediction::predicted)
                .filter(DrawnParts.NORMAL::equals)
                .count();
    }

    @Test
    void falseAlarmsThatItLearnedFromAreNormalThereafter() throws IOException {
        assertEquals(20, extended.anomalousBefore());
        assertEquals(0, extended.anomalousAfter());
        assertEquals(20, anomalous(parent, stamped.subList(0, 20)));
        assertEquals(0, anomalous(child, stamped.subList(0, 20)));
        assertEquals(
                List.of(),
                extended.model().warnings().stream()
                        .filter(warning -> warning.contains("all the same"))
                        .toList());
    }

    @Test
    void imagesLikeThemAreNormalTooThoughItHasNotLearnedFromThem() throws IOException {
        List<TrainingImage> unknown = stamped.subList(20, 40);
        assertEquals(20, anomalous(parent, unknown));
        assertTrue(anomalous(child, unknown) <= 2, anomalous(child, unknown) + " of 20");
    }

    @Test
    void defectsOfTheTestImagesAreFoundAsBefore() {
        assertEquals(
                model.testPredictions().keySet(),
                extended.model().testPredictions().keySet());
        assertTrue(misses(extended.model()) <= misses(model), misses(extended.model()) + " of 20");
        assertTrue(
                extended.model().metrics().get("auroc") >= model.metrics().get("auroc") - 0.01,
                extended.model().metrics().toString());
    }

    @Test
    void thresholdIsChosenOnTheSameDevImages() {
        assertEquals(model.threshold().how(), extended.model().threshold().how());
        assertEquals(
                model.devScores().images().keySet(),
                extended.model().devScores().images().keySet());
    }

    /** The memory is that of the parent, then patches that are farther than the radius from all others. */
    @Test
    void memoryStaysACoreset() {
        Patches before = StoredMemory.read(parent.onnx()).patches();
        Patches after = StoredMemory.read(child.onnx()).patches();
        assertEquals(before.count() + extended.patches(), after.count());
        assertTrue(extended.patches() > 0 && extended.patches() < 20 * 144 / 4, extended.patches() + " patches");
        for (int i = 0; i < before.values().length; i++) {
            assertEquals(before.values()[i], after.values()[i]);
        }
        for (int added = before.count(); added < after.count(); added++) {
            for (int i = 0; i < added; i++) {
                double distance = Math.sqrt(after.squaredDistance(i, after, added));
                assertTrue(distance >= extended.radius() * 0.999, distance + " < " + extended.radius());
            }
        }
    }

    /** The control: patches that the memory covers add nothing. */
    @Test
    void imagesThatItKnowsAddNothing() {
        Extended same = MemoryExtension.extend(child, job(withTrain(stamped.subList(0, 20))));
        assertEquals(0, same.patches());
        assertEquals(extended.radius(), same.radius(), 1e-9);
        assertEquals(
                extended.model().threshold().value(), same.model().threshold().value(), 1e-6);
    }

    @Test
    void rangeOfTheNormalImagesIncludesThem() {
        NormalRange before = parent.manifest().input().normalRange();
        NormalRange after = child.manifest().input().normalRange();
        assertEquals(24, before.images());
        assertEquals(44, after.images());
        assertTrue(after.limits().get(Measure.SHARPNESS).maximum()
                >= before.limits().get(Measure.SHARPNESS).maximum());
    }

    @Test
    void packageNamesTheModelThatItExtendsAndTheImages() {
        Extension read = ModelPackage.open(child.folder()).manifest().lineage().extension();
        assertEquals(20, read.images().size());
        assertEquals(extended.patches(), read.addedPatches());
        try (Predictor predictor = Predictor.open(child)) {
            predictor.verifyParity();
        }
    }

    @Test
    void abnormalImageIsRefused() {
        TrainingImage abnormal = images.stream()
                .filter(image -> image.label().equals(DrawnParts.ABNORMAL))
                .findFirst()
                .orElseThrow();
        TrainingImage wrong = new TrainingImage("dented", abnormal.file(), DrawnParts.ABNORMAL, Split.TRAIN);
        TrainingJob job = job(withTrain(List.of(wrong)));
        String message = assertThrows(IllegalArgumentException.class, () -> MemoryExtension.extend(parent, job))
                .getMessage();
        assertTrue(message.contains("'dented'"), message);
    }

    @Test
    void modelWithoutMemoryIsRefused() throws IOException {
        GaussianRecipe recipe = new GaussianRecipe();
        TrainingJob job = job(images);
        ModelPackage other = pack(recipe.train(job, recipe.defaults()), images, lineage(null));
        String message = assertThrows(IllegalArgumentException.class, () -> MemoryExtension.extend(other, job))
                .getMessage();
        assertTrue(message.contains("memory bank"), message);
    }
}
