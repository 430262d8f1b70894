package dev.loupe.vision.training;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.ClassPrediction;
import dev.loupe.model.InvalidPackageException;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.ModelManifest.BackboneRef;
import dev.loupe.model.ModelManifest.DatasetVersion;
import dev.loupe.model.ModelManifest.Lineage;
import dev.loupe.model.ModelManifest.ParitySample;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.ParityException;
import dev.loupe.model.Predictor;
import dev.loupe.model.onnx.InvalidOnnxException;
import dev.loupe.model.onnx.NonFiniteOutputException;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.DrawnParts;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelPackageTest {
    private static final int SIDE = 16;
    private static final Preprocessing PREPROCESSING =
            new Preprocessing(SIDE, SIDE, 255, new float[] {0.1f, 0.2f, 0.3f}, new float[] {1, 1, 1});

    @TempDir
    Path folder;

    private List<TrainingImage> images;
    private ModelPackage packed;

    /** A classifier by brightness: probabilities from two weights. */
    @BeforeEach
    void pack() throws IOException {
        images = DrawnParts.draw(folder.resolve("images"), 40, 1, 1, 3);
        OnnxGraph graph = OnnxGraph.create("brightness");
        String image = graph.input("image", -1, 3, SIDE, SIDE);
        String mean = graph.reduce("ReduceMean", image, false, 2, 3);
        String logits =
                graph.node("MatMul", List.of(mean, graph.floats("weights", new float[] {1, -1, 2, 0, 0, 1}, 3, 2)));
        graph.output(graph.node("Softmax", List.of(logits)), Predictor.PROBABILITIES, -1, 2);
        Path onnx = Files.write(folder.resolve("trained.onnx"), graph.toBytes());
        TrainedModel model = new TrainedModel(
                Task.CLASSIFICATION,
                onnx,
                PREPROCESSING,
                List.of(DrawnParts.NORMAL, DrawnParts.ABNORMAL),
                null,
                Map.of("accuracy", 0.5),
                Map.of("accuracy", 0.75),
                List.of("a warning"),
                Map.of("TEST-normal-0", new TestPrediction(DrawnParts.NORMAL, DrawnParts.ABNORMAL, 0.625)),
                null,
                null,
                null);
        packed = Packager.pack(
                model,
                images,
                new DatasetVersion("d", 3, "digest", "test digest"),
                new Lineage(
                        "run",
                        2,
                        "project",
                        "plates",
                        Map.of("type", "CLASSIFICATION_TRANSFER"),
                        7,
                        new BackboneRef("scattering", "abc"),
                        "0.1.0",
                        "2026-11-20T00:00:00Z"),
                folder.resolve("package"));
    }

    @Test
    void whatIsReadIsWhatWasWritten() {
        ModelManifest read = ModelPackage.open(packed.folder()).manifest();
        assertEquals(packed.manifest().lineage(), read.lineage());
        assertEquals(packed.manifest().files(), read.files());
        assertEquals(PREPROCESSING, read.preprocessing());
        assertEquals(List.of(DrawnParts.NORMAL, DrawnParts.ABNORMAL), read.labels());
        assertEquals("image", read.input().name());
        assertEquals(List.of(-1, 3, SIDE, SIDE), read.input().shape());
        assertEquals(Predictor.PROBABILITIES, read.outputs().getFirst().name());
        assertEquals(0.5, read.metrics().get("accuracy"));
        assertEquals(List.of("a warning"), read.warnings());
    }

    @Test
    void thePackageTellsWhatTheModelSaidOfEachTestImage() {
        String predictions = new String(packed.read(ModelPackage.TEST_PREDICTIONS), StandardCharsets.UTF_8);
        assertEquals(
                "{\"TEST-normal-0\":{\"label\":\"normal\",\"predicted\":\"abnormal\",\"score\":0.625}}",
                predictions.replaceAll("\\s", ""));
    }

    @Test
    void paritySamplesComeFromTheTestImagesOfEachLabelInTurn() {
        List<ParitySample> samples = packed.manifest().paritySamples();
        assertEquals(
                List.of("normal", "abnormal", "normal", "abnormal", "normal", "abnormal"),
                samples.stream().map(ParitySample::label).toList());
        assertTrue(images.stream().filter(image -> image.split() == Split.TEST).count() >= samples.size());
    }

    @Test
    void aPredictorReproducesTheParitySamples() {
        try (Predictor predictor = Predictor.open(packed)) {
            assertDoesNotThrow(predictor::verifyParity);
        }
    }

    @Test
    void scoresThatTheTrainerDidNotSeeAreNotServed() {
        ModelManifest manifest = packed.manifest();
        ParitySample sample = manifest.paritySamples().getFirst();
        float[] seen = sample.expected().get(Predictor.PROBABILITIES);
        ParitySample other = new ParitySample(
                sample.file(), sample.label(), Map.of(Predictor.PROBABILITIES, new float[] {seen[0] + 0.01f, seen[1]}));
        ModelPackage changed = new ModelPackage(packed.folder(), withSamples(manifest, List.of(other)));
        try (Predictor predictor = Predictor.open(changed)) {
            String message =
                    assertThrows(ParityException.class, predictor::verifyParity).getMessage();
            assertTrue(message.startsWith("parity sample parity/0.png: probabilities[0] is "), message);
        }
    }

    private static ModelManifest withSamples(ModelManifest from, List<ParitySample> samples) {
        return new ModelManifest(
                from.formatVersion(),
                from.task(),
                from.input(),
                from.preprocessing(),
                from.labels(),
                from.threshold(),
                from.outputs(),
                from.metrics(),
                from.devMetrics(),
                from.warnings(),
                from.datasetVersion(),
                from.lineage(),
                from.files(),
                samples);
    }

    @Test
    void aFlippedBitOfTheModelIsNoticed() throws IOException {
        Path model = packed.folder().resolve(ModelPackage.MODEL);
        byte[] bytes = Files.readAllBytes(model);
        bytes[bytes.length / 2] ^= 1;
        Files.write(model, bytes);
        assertTrue(refusal().startsWith("model package: model.onnx was changed: expected "), refusal());
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        Files.delete(packed.folder().resolve("parity/1.png"));
        assertEquals("model package: parity/1.png is missing", refusal());
    }

    @Test
    void aPathThatLeavesThePackageIsRefused() throws IOException {
        Path manifest = packed.folder().resolve(ModelPackage.MANIFEST);
        Files.writeString(manifest, Files.readString(manifest).replace("\"parity/1.png\" :", "\"../trained.onnx\" :"));
        assertEquals("model package: '../trained.onnx' is outside the package", refusal());
    }

    @Test
    void aManifestOfAnotherFormatOrNoneIsRefused() throws IOException {
        Path manifest = packed.folder().resolve(ModelPackage.MANIFEST);
        String written = Files.readString(manifest);
        Files.writeString(manifest, written.replace("\"formatVersion\" : 1", "\"formatVersion\" : 2"));
        assertTrue(refusal().contains("expected formatVersion 1, got 2"), refusal());
        Files.writeString(manifest, written.substring(0, written.length() / 2));
        assertTrue(refusal().startsWith("model package: manifest.json cannot be read"), refusal());
        Files.write(manifest, "{}".getBytes(StandardCharsets.UTF_8));
        assertTrue(refusal().startsWith("model package: manifest.json cannot be read"), refusal());
        Files.delete(manifest);
        assertEquals("model package: manifest.json is missing", refusal());
    }

    private String refusal() {
        return assertThrows(InvalidPackageException.class, () -> ModelPackage.open(packed.folder()))
                .getMessage();
    }

    @Test
    void whatIsNoModelIsRefused() {
        assertThrows(
                InvalidOnnxException.class,
                () -> new Predictor(
                        "no model".getBytes(StandardCharsets.UTF_8),
                        Task.CLASSIFICATION,
                        PREPROCESSING,
                        List.of("a", "b"),
                        null,
                        1));
    }

    @Test
    void refusesAnImageThatTheModelGivesNaNForAndNamesAllOfABatch() throws IOException {
        OnnxGraph graph = OnnxGraph.create("log of brightness");
        String image = graph.input("image", -1, 3, SIDE, SIDE);
        String mean = graph.reduce("ReduceMean", image, false, 2, 3);
        String pair =
                graph.node("MatMul", List.of(mean, graph.floats("weights", new float[] {1, 0, 0, 1, 0, 0}, 3, 2)));
        graph.output(graph.node("Log", List.of(pair)), Predictor.PROBABILITIES, -1, 2);
        try (Predictor predictor =
                new Predictor(graph.toBytes(), Task.CLASSIFICATION, PREPROCESSING, List.of("a", "b"), null, 1)) {
            int size = PREPROCESSING.size();
            float[] batch = new float[4 * size];
            Arrays.fill(batch, 0, size, 0.5f);
            Arrays.fill(batch, size, 2 * size, -1);
            Arrays.fill(batch, 2 * size, 3 * size, 0.5f);
            NonFiniteOutputException refused =
                    assertThrows(NonFiniteOutputException.class, () -> predictor.predictTensor(batch, 4));
            assertEquals(List.of(1, 3), refused.images());
            assertTrue(refused.getMessage().startsWith("image 1: the model outputs NaN for 'probabilities'"));

            TrainingImage black = new TrainingImage("black.png", black(), "a", Split.TEST);
            NonFiniteOutputException evaluated = assertThrows(
                    NonFiniteOutputException.class,
                    () -> ModelEvaluation.predict(
                            predictor, List.of(black), 1, "evaluate", Progress.NONE, Function.identity()));
            assertTrue(evaluated.getMessage().startsWith("image 'black.png': "), evaluated.getMessage());
        }
    }

    private Path black() throws IOException {
        Path file = folder.resolve("black.png");
        ImageIO.write(new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
        return file;
    }

    @Test
    void aTensorOfAnotherSizeIsRefusedWithBothSizes() {
        try (Predictor predictor = Predictor.open(packed)) {
            String message = assertThrows(
                            IllegalArgumentException.class, () -> predictor.predictTensor(new float[7], 2))
                    .getMessage();
            assertEquals("expected [2, 3, 16, 16] with 1536 values, got 7", message);
            assertEquals(List.of(), predictor.predictTensor(new float[0], 0));
        }
    }

    @Test
    void aClassPredictionNamesTheMostProbableLabel() throws IOException {
        try (Predictor predictor = Predictor.open(packed)) {
            byte[] image = Files.readAllBytes(images.getFirst().file());
            ClassPrediction prediction =
                    (ClassPrediction) predictor.predict(List.of(image)).getFirst();
            assertEquals(1, prediction.probabilities()[0] + prediction.probabilities()[1], 1e-6);
            assertEquals(prediction.labels().get(prediction.best()), prediction.label());
            assertEquals(Math.max(prediction.probabilities()[0], prediction.probabilities()[1]), prediction.score());
        }
    }
}
