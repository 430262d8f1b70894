package dev.loupe.inference;

import dev.loupe.contracts.Task;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.DevScores;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.ModelManifest.DatasetVersion;
import dev.loupe.model.ModelManifest.Input;
import dev.loupe.model.ModelManifest.Lineage;
import dev.loupe.model.ModelManifest.ParitySample;
import dev.loupe.model.ModelManifest.StoredFile;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.NormalRange;
import dev.loupe.model.Predictor;
import dev.loupe.model.Quantization;
import dev.loupe.model.Threshold;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.quantization.Calibration;
import dev.loupe.model.quantization.Int8Graph;
import dev.loupe.model.quantization.LayerKind;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import javax.imageio.ImageIO;

/** Models small enough to be checked by hand, packed as the trainer packs them. */
public final class SmallModels {
    public static final int SIDE = 8;
    public static final Preprocessing PREPROCESSING =
            new Preprocessing(SIDE, SIDE, 255, new float[] {0, 0, 0}, new float[] {1, 1, 1});
    /** From here on an image is abnormal to {@link #anomalyDetector}. */
    public static final double THRESHOLD = 0.5;

    private SmallModels() {}

    /**
     * Says red or blue. Its probabilities are {@code softmax(gain * (red, blue))} of the image's mean colours, 0..1.
     */
    public static Path classifier(Path folder, float gain, List<String> labels) {
        OnnxGraph graph = OnnxGraph.create("colours");
        String logits = colours(graph, gain);
        graph.output(graph.node("Softmax", List.of(logits)), Predictor.PROBABILITIES, -1, 2);
        return pack(folder, Task.CLASSIFICATION, graph, labels, null);
    }

    /** As {@link #classifier}, after a few hundred milliseconds of multiplying matrices for nothing. */
    public static Path slowClassifier(Path folder) {
        int n = 1024;
        OnnxGraph graph = OnnxGraph.create("slow colours");
        String logits = colours(graph, 1);
        float[] values = new float[n * n];
        Random random = new Random(1);
        for (int i = 0; i < values.length; i++) {
            values[i] = (random.nextFloat() - 0.5f) / 10;
        }
        String matrix = graph.floats("matrix", values, n, n);
        String product = graph.node("Mul", List.of(matrix, graph.reduce("ReduceMean", logits, false, 0, 1)));
        for (int i = 0; i < 12; i++) {
            product = graph.node("MatMul", List.of(product, matrix));
        }
        String nothing = graph.node(
                "Mul", List.of(graph.reduce("ReduceMean", product, false, 0, 1), graph.scalar("tiny", 1e-30f)));
        graph.output(
                graph.node("Softmax", List.of(graph.node("Add", List.of(logits, nothing)))),
                Predictor.PROBABILITIES,
                -1,
                2);
        return pack(folder, Task.CLASSIFICATION, graph, List.of("red", "blue"), null);
    }

    /** As {@link #classifier}, with further weights of this size in a product that changes nothing. */
    public static Path heavyClassifier(Path folder, float gain, int mebibytes) {
        int rows = mebibytes << 10;
        OnnxGraph graph = OnnxGraph.create("heavy colours");
        String logits = colours(graph, gain);
        float[] values = new float[rows * 256];
        Random random = new Random(rows);
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        String row = graph.node(
                "MatMul", List.of(graph.reduce("ReduceMean", logits, true, 1), graph.floats("one", ones(256), 1, 256)));
        String product = graph.node("MatMul", List.of(row, graph.floats("weights", values, 256, rows)));
        String nothing =
                graph.node("Mul", List.of(graph.reduce("ReduceMean", product, true, 1), graph.scalar("tiny", 1e-30f)));
        graph.output(
                graph.node("Softmax", List.of(graph.node("Add", List.of(logits, nothing)))),
                Predictor.PROBABILITIES,
                -1,
                2);
        return pack(folder, Task.CLASSIFICATION, graph, List.of("red", "blue"), null);
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** As {@link #classifier} with gain 2, but its score is NaN for an image whose mean green is more than 0.5. */
    public static Path classifierWithoutGreen(Path folder, List<String> labels) {
        OnnxGraph graph = OnnxGraph.create("colours without green");
        String logits = colours(graph, 2);
        graph.output(
                graph.node("Softmax", List.of(graph.node("Add", List.of(logits, greenIsNaN(graph, "image", false))))),
                Predictor.PROBABILITIES,
                -1,
                2);
        return pack(folder, Task.CLASSIFICATION, graph, labels, null);
    }

    /** As {@link #anomalyDetector}, but its map is NaN for an image whose mean green is more than 0.5. */
    public static Path anomalyDetectorWithoutGreen(Path folder) {
        OnnxGraph graph = OnnxGraph.create("light without green");
        String image = graph.input("image", -1, 3, SIDE, SIDE);
        String map =
                graph.node("Add", List.of(graph.reduce("ReduceMean", image, false, 1), greenIsNaN(graph, image, true)));
        graph.output(graph.reduce("ReduceMax", map, false, 1, 2), Predictor.ANOMALY_SCORE, -1);
        graph.output(map, Predictor.ANOMALY_MAP, -1, SIDE, SIDE);
        return pack(
                folder,
                Task.ANOMALY_DETECTION,
                graph,
                List.of("normal", "abnormal"),
                new Threshold(THRESHOLD, "by hand"));
    }

    /** 0, or NaN if the mean green exceeds 0.5: {@code [n, 1]}, or {@code [n, 1, 1]} for a map. */
    private static String greenIsNaN(OnnxGraph graph, String image, boolean map) {
        String means = graph.reduce("ReduceMean", image, false, 2, 3);
        String green = graph.node("MatMul", List.of(means, graph.floats("green", new float[] {0, 1, 0}, 3, 1)));
        if (map) {
            green = graph.node("Unsqueeze", List.of(green, graph.integers("axes", 2)));
        }
        String root = graph.node("Sqrt", List.of(graph.node("Sub", List.of(graph.scalar("half", 0.5f), green))));
        return graph.node("Mul", List.of(root, graph.scalar("zero", 0)));
    }

    private static String colours(OnnxGraph graph, float gain) {
        String image = graph.input("image", -1, 3, SIDE, SIDE);
        String means = graph.reduce("ReduceMean", image, false, 2, 3);
        return graph.node(
                "MatMul", List.of(means, graph.floats("weights", new float[] {gain, 0, 0, 0, 0, gain}, 3, 2)));
    }

    /** Finds light: the map is the mean of each place's three colours, 0..1, the score is its largest value. */
    public static Path anomalyDetector(Path folder) {
        OnnxGraph graph = OnnxGraph.create("light");
        String image = graph.input("image", -1, 3, SIDE, SIDE);
        String map = graph.reduce("ReduceMean", image, false, 1);
        graph.output(graph.reduce("ReduceMax", map, false, 1, 2), Predictor.ANOMALY_SCORE, -1);
        graph.output(map, Predictor.ANOMALY_MAP, -1, SIDE, SIDE);
        return pack(
                folder,
                Task.ANOMALY_DETECTION,
                graph,
                List.of("normal", "abnormal"),
                new Threshold(THRESHOLD, "by hand"));
    }

    /**
     * Knows the products {@code dark} and {@code light}: the map is the distance of each place's light from 0 or from 1, the
     * score its largest value.
     */
    public static Path productDetector(Path folder) {
        OnnxGraph graph = OnnxGraph.create("products");
        String image = graph.input("image", -1, 3, SIDE, SIDE);
        String product = graph.input(OnnxSession.PRODUCT, -1);
        String dark = graph.reduce("ReduceMean", image, false, 1);
        String light = graph.node("Sub", List.of(graph.scalar("one", 1), dark));
        String mean = graph.reduce("ReduceMean", dark, false, 1, 2);
        String number = graph.node(
                "Cast",
                List.of(graph.node("Greater", List.of(mean, graph.scalar("half", 0.5f)))),
                OnnxAttribute.of("to", 1L));
        String unknown = graph.node("Less", List.of(product, graph.scalar("zero", 0)));
        String used = graph.reshape(graph.node("Where", List.of(unknown, number, product)), -1, 1, 1);
        String isLight = graph.node("Greater", List.of(used, graph.scalar("half", 0.5f)));
        String map = graph.node("Where", List.of(isLight, light, dark));
        graph.output(graph.reduce("ReduceMax", map, false, 1, 2), Predictor.ANOMALY_SCORE, -1);
        graph.output(map, Predictor.ANOMALY_MAP, -1, SIDE, SIDE);
        graph.output(number, Predictor.NEAREST_PRODUCT, -1);
        graph.metadata(OnnxSession.PRODUCTS, "[\"dark\",\"light\"]");
        return pack(
                folder,
                Task.ANOMALY_DETECTION,
                graph,
                List.of("normal", "abnormal"),
                new Threshold(THRESHOLD, "by hand"));
    }

    /** As {@link #anomalyDetector}, with the scores of DEV images in the package. */
    public static Path anomalyDetector(Path folder, DevScores dev) {
        anomalyDetector(folder);
        try {
            ModelManifest manifest = ModelPackage.open(folder).manifest();
            Files.write(folder.resolve(DevScores.FILE), dev.toJson());
            Map<String, StoredFile> files = new HashMap<>(manifest.files());
            files.put(DevScores.FILE, ModelPackage.describe(folder.resolve(DevScores.FILE)));
            ModelPackage.seal(
                    folder,
                    manifest(
                            manifest.task(), manifest.labels(), manifest.threshold(), files, manifest.paritySamples()));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@link #anomalyDetector}, with the range of its normal images in the manifest. */
    public static Path anomalyDetector(Path folder, NormalRange range) {
        anomalyDetector(folder);
        ModelManifest packed = ModelPackage.open(folder).manifest();
        ModelPackage.seal(
                folder,
                new ModelManifest(
                        packed.formatVersion(),
                        packed.task(),
                        packed.input().with(range),
                        packed.preprocessing(),
                        packed.labels(),
                        packed.threshold(),
                        packed.outputs(),
                        packed.metrics(),
                        packed.devMetrics(),
                        packed.warnings(),
                        packed.datasetVersion(),
                        packed.lineage(),
                        packed.files(),
                        packed.paritySamples()));
        return folder;
    }

    /**
     * As {@link #classifier} with gain 2, with a model that computes with 8-bit integers.
     *
     * @param samples whether the package has the outputs of this model, else those of one that says blue for red
     */
    public static Path quantizedClassifier(Path folder, boolean samples) {
        classifier(folder, 2, List.of("red", "blue"));
        try {
            ModelPackage packed = ModelPackage.open(folder);
            ModelManifest manifest = packed.manifest();
            byte[] onnx = int8(packed);
            Files.write(folder.resolve(Quantization.FILE), onnx);
            List<ParitySample> expected = new ArrayList<>();
            try (Predictor predictor =
                    new Predictor(onnx, manifest.task(), PREPROCESSING, manifest.labels(), null, 1)) {
                for (ParitySample sample : manifest.paritySamples()) {
                    byte[] image = samples ? packed.read(sample.file()) : png(Color.GREEN);
                    expected.add(new ParitySample(
                            sample.file(),
                            sample.label(),
                            Predictor.parityValues(
                                    predictor.predict(List.of(image)).getFirst())));
                }
            }
            Map<String, StoredFile> files = new HashMap<>(manifest.files());
            files.put(Quantization.FILE, ModelPackage.describe(folder.resolve(Quantization.FILE)));
            Quantization accepted = new Quantization(
                    Quantization.FILE, "accuracy", 0.953, 0.951, 0.995, 412, 200, true, null, 0.02, expected);
            ModelPackage.seal(folder, manifest.with(accepted, files));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] int8(ModelPackage packed) {
        Int8Graph graph = Int8Graph.of(packed.onnx(), EnumSet.allOf(LayerKind.class));
        try (Calibration calibration = graph.calibration(1)) {
            for (Color color : List.of(Color.RED, Color.BLUE, Color.WHITE)) {
                calibration.observe(PREPROCESSING.apply(png(color)), 1, 3, SIDE, SIDE);
            }
            return graph.quantized(calibration.ranges());
        }
    }

    private static Path pack(Path folder, Task task, OnnxGraph graph, List<String> labels, Threshold threshold) {
        try {
            Files.createDirectories(folder.resolve("parity"));
            byte[] onnx = graph.toBytes();
            Files.write(folder.resolve(ModelPackage.MODEL), onnx);
            Map<String, StoredFile> files = new HashMap<>();
            files.put(ModelPackage.MODEL, ModelPackage.describe(folder.resolve(ModelPackage.MODEL)));
            List<ParitySample> samples;
            try (Predictor predictor = new Predictor(onnx, task, PREPROCESSING, labels, threshold, 1)) {
                samples = List.of(
                        sample(folder, "parity/red.png", Color.RED, predictor),
                        sample(folder, "parity/blue.png", Color.BLUE, predictor));
            }
            samples.forEach(sample -> files.put(sample.file(), ModelPackage.describe(folder.resolve(sample.file()))));
            ModelPackage.seal(folder, manifest(task, labels, threshold, files, samples));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ParitySample sample(Path folder, String path, Color color, Predictor predictor) throws IOException {
        byte[] image = png(color);
        Files.write(folder.resolve(path), image);
        return new ParitySample(
                path,
                "any",
                Predictor.parityValues(predictor.predict(List.of(image)).getFirst()));
    }

    private static ModelManifest manifest(
            Task task,
            List<String> labels,
            Threshold threshold,
            Map<String, StoredFile> files,
            List<ParitySample> samples) {
        return new ModelManifest(
                ModelManifest.FORMAT,
                task,
                Input.of("image", PREPROCESSING),
                PREPROCESSING,
                labels,
                threshold,
                Predictor.outputs(task, labels, PREPROCESSING),
                Map.of(),
                Map.of(),
                List.of(),
                new DatasetVersion("d", 1, "digest", "test"),
                new Lineage(
                        UUID.randomUUID().toString(), 1, "p", "p", Map.of(), 1, null, "0.1.0", "2026-11-20T00:00:00Z"),
                files,
                samples);
    }

    /** An image of one colour. */
    public static byte[] png(Color color) {
        BufferedImage image = new BufferedImage(20, 10, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                image.setRGB(x, y, color.getRGB());
            }
        }
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ImageIO.write(image, "png", out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
