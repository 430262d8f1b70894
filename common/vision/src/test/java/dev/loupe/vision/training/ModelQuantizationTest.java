package dev.loupe.vision.training;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.ModelManifest.DatasetVersion;
import dev.loupe.model.ModelManifest.Lineage;
import dev.loupe.model.ModelManifest.StoredFile;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.ParityException;
import dev.loupe.model.Precision;
import dev.loupe.model.Predictor;
import dev.loupe.model.Quantization;
import dev.loupe.model.onnx.OnnxGraph;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A network with weights written by hand: a convolution computes how much lighter and how much darker than grey an image
 * is, and images that are far from grey are plain.
 */
class ModelQuantizationTest {
    private static final int SIDE = 16;
    private static final List<String> LABELS = List.of("grey", "plain");
    private static final Preprocessing PREPROCESSING =
            new Preprocessing(SIDE, SIDE, 255, new float[] {0.5f, 0.5f, 0.5f}, new float[] {1, 1, 1});
    /** Images are plain if they differ by more than this from grey. */
    private static final float LIMIT = 0.25f;

    @TempDir
    Path folder;

    @Test
    void acceptsAModelThatDecidesTheSame() throws IOException {
        List<TrainingImage> images = greyValues(60);
        QuantizedModel quantized = ModelQuantization.of(model(network()), job(images));
        Quantization result = quantized.result();
        assertTrue(result.accepted(), result.reason());
        assertEquals("accuracy", result.metric());
        assertEquals(1, result.fp32());
        assertEquals(1, result.int8());
        assertEquals(1, result.agreement());
        assertEquals(60, result.images());
        assertEquals(60, result.calibrationImages());
        assertEquals(Quantization.FILE, result.file());
        assertTrue(OnnxGraph.read(quantized.onnx()).proto().getNodeList().stream()
                .anyMatch(node -> node.getOpType().equals("QuantizeLinear")));
    }

    @Test
    void refusesAModelWhoseRangesWereFoundOnNoise() throws IOException {
        List<TrainingImage> images = greyValues(60);
        Random random = new Random(7);
        List<TrainingImage> noise = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            // The mean of noise is grey: the range is too small for images that are light or dark.
            noise.add(image("noise-" + i, Split.DEV, 0, _ -> random.nextInt(256)));
        }
        QuantizedModel quantized = ModelQuantization.of(model(network()), job(images), noise);
        Quantization result = quantized.result();
        assertFalse(result.accepted());
        assertNull(quantized.onnx());
        assertEquals(1, result.fp32());
        assertTrue(result.int8() < 0.7, "accuracy " + result.int8());
        assertTrue(result.agreement() < 0.7, "agreement " + result.agreement());
        assertTrue(result.reason().startsWith("accuracy on DEV falls from 1.0000 to 0."), result.reason());
    }

    @Test
    void refusesToCompareOnFewImages() throws IOException {
        Quantization result =
                ModelQuantization.of(model(network()), job(greyValues(19))).result();
        assertEquals("DEV has 19 images, expected at least 20 to compare both models on", result.reason());
        assertNull(result.metric());
    }

    @Test
    void refusesAModelWithoutLayers() throws IOException {
        OnnxGraph graph = OnnxGraph.create("no layer");
        String mean = graph.reduce("ReduceMean", graph.input("image", -1, 3, SIDE, SIDE), false, 2, 3);
        graph.output(graph.slice(mean, 1, 0, 2), Predictor.PROBABILITIES, -1, 2);
        Quantization result = ModelQuantization.of(model(graph.toBytes()), job(greyValues(20)))
                .result();
        assertEquals("the model has no layer with constant weights, expected at least one", result.reason());
    }

    @Test
    void aPackageWithAnAcceptedModelServesIt() throws IOException {
        List<TrainingImage> images = greyValues(60);
        TrainedModel model = model(network());
        QuantizedModel quantized = ModelQuantization.of(model, job(images));
        Packager.add(quantized, packed(model, images));
        ModelPackage read = ModelPackage.open(folder.resolve("package"));
        Quantization written = read.manifest().quantization();
        assertEquals(
                read.manifest().paritySamples().size(), written.paritySamples().size());
        assertEquals(quantized.result(), written.with(List.of()));
        assertTrue(read.files().containsKey(Quantization.FILE));
        try (Predictor int8 = Predictor.open(read, Precision.INT8, 1);
                Predictor fp32 = Predictor.open(read)) {
            assertEquals(Precision.INT8, int8.precision());
            assertEquals(Precision.FP32, fp32.precision());
            assertDoesNotThrow(int8::verifyParity);
            assertDoesNotThrow(fp32::verifyParity);
        }
    }

    @Test
    void aModelThatDoesNotReproduceItsOwnSamplesIsNotServed() throws IOException {
        List<TrainingImage> images = greyValues(60);
        TrainedModel model = model(network());
        ModelPackage packed = packed(model, images);
        QuantizedModel accepted = ModelQuantization.of(model, job(images));
        // In place of the accepted model, one whose probabilities are the other way round.
        byte[] other = network(-1);
        ModelPackage added = Packager.add(accepted, packed);
        Files.write(added.folder().resolve(Quantization.FILE), other);
        Map<String, StoredFile> files = new HashMap<>(added.files());
        files.put(Quantization.FILE, ModelPackage.describe(added.folder().resolve(Quantization.FILE)));
        ModelPackage changed = ModelPackage.seal(
                added.folder(), added.manifest().with(added.manifest().quantization(), files));
        try (Predictor int8 = Predictor.open(changed, Precision.INT8, 1)) {
            assertThrows(ParityException.class, int8::verifyParity);
        }
    }

    @Test
    void aPackageWithoutAnAcceptedModelSaysWhy() throws IOException {
        List<TrainingImage> images = greyValues(19);
        TrainedModel model = model(network());
        ModelPackage added = Packager.add(ModelQuantization.of(model, job(images)), packed(model, images));
        assertFalse(added.manifest().quantization().accepted());
        assertTrue(added.manifest().quantization().reason().startsWith("DEV has 19 images"));
        assertFalse(Files.exists(added.folder().resolve(Quantization.FILE)));
        assertFalse(added.manifest().has(Precision.INT8));
        assertThrows(IllegalArgumentException.class, () -> Predictor.open(added, Precision.INT8, 1));
    }

    private static byte[] network() {
        return network(1);
    }

    /** Scores are {@code 40 * (LIMIT, |mean - grey|)}, times a sign. */
    private static byte[] network(int sign) {
        OnnxGraph graph = OnnxGraph.create("plain");
        String image = graph.input("image", -1, 3, SIDE, SIDE);
        int size = 3 * SIDE * SIDE;
        float[] kernel = new float[2 * size];
        Arrays.fill(kernel, 0, size, 1f / size);
        Arrays.fill(kernel, size, 2 * size, -1f / size);
        String difference = graph.node(
                "Conv",
                List.of(
                        image,
                        graph.floats("kernel", kernel, 2, 3, SIDE, SIDE),
                        graph.floats("bias", new float[2], 2)));
        String magnitudes = graph.reshape(graph.node("Relu", List.of(difference)), -1, 2);
        float gain = 40 * sign;
        String scores = graph.node(
                "Gemm",
                List.of(
                        magnitudes,
                        graph.floats("weight", new float[] {0, gain, 0, gain}, 2, 2),
                        graph.floats("offset", new float[] {gain * LIMIT, 0}, 2)));
        graph.output(graph.node("Softmax", List.of(scores)), Predictor.PROBABILITIES, -1, 2);
        return graph.toBytes();
    }

    private TrainedModel model(byte[] onnx) throws IOException {
        return new TrainedModel(
                Task.CLASSIFICATION,
                Files.write(folder.resolve("trained.onnx"), onnx),
                PREPROCESSING,
                LABELS,
                null,
                Map.of(),
                Map.of(),
                List.of(),
                Map.of(),
                null,
                null,
                null);
    }

    private TrainingJob job(List<TrainingImage> images) {
        return new TrainingJob(images, LABELS, List.of(), 1, 2, folder, Progress.NONE, Checkpoints.NONE);
    }

    private ModelPackage packed(TrainedModel model, List<TrainingImage> images) {
        return Packager.pack(
                model,
                images,
                new DatasetVersion("d", 1, "digest", "test digest"),
                new Lineage("run", 1, "project", "plates", Map.of(), 7, null, "0.1.0", "2026-11-20T00:00:00Z"),
                folder.resolve("package"));
    }

    /** DEV images of one grey value each, none of which is close to the limit between the labels. */
    private List<TrainingImage> greyValues(int count) throws IOException {
        int[] values = Stream.iterate(0, value -> value + 1)
                .limit(256)
                .filter(value -> Math.abs(Math.abs(value / 255f - 0.5f) - LIMIT) > 0.04)
                .mapToInt(Integer::intValue)
                .toArray();
        List<TrainingImage> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int value = values[i * (values.length - 1) / (count - 1)];
            images.add(image("dev-" + i, Split.DEV, Math.abs(value / 255f - 0.5f) > LIMIT ? 1 : 0, _ -> value));
        }
        return images;
    }

    private TrainingImage image(String id, Split split, int label, IntUnaryOperator grey) throws IOException {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < SIDE * SIDE; i++) {
            int value = grey.applyAsInt(i);
            image.setRGB(i % SIDE, i / SIDE, value << 16 | value << 8 | value);
        }
        Path file = folder.resolve(id + ".png");
        ImageIO.write(image, "png", file.toFile());
        return new TrainingImage(id, file, LABELS.get(label), split);
    }
}
