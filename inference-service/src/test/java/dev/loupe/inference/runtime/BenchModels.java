package dev.loupe.inference.runtime;

import dev.loupe.contracts.Task;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.inference.SmallModels;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.ModelManifest.DatasetVersion;
import dev.loupe.model.ModelManifest.Input;
import dev.loupe.model.ModelManifest.Lineage;
import dev.loupe.model.ModelManifest.ParitySample;
import dev.loupe.model.ModelManifest.StoredFile;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Predictor;
import dev.loupe.model.Threshold;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.awt.Color;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;

/** Packages of the size and shape of real models, with random weights: speed and memory do not depend on them. */
final class BenchModels {
    static final int SIDE = 224;
    static final Preprocessing PREPROCESSING =
            new Preprocessing(SIDE, SIDE, 255, new float[] {0, 0, 0}, new float[] {1, 1, 1});

    private static final int CLASSES = 10;

    private final OnnxGraph graph = OnnxGraph.create("network");
    private final Random random = new Random(1);

    private BenchModels() {}

    /** Source: Sandler et al., "MobileNetV2", CVPR 2018, table 2. */
    static Path mobileNet(Path folder) {
        BenchModels models = new BenchModels();
        String features = models.features(new int[][] {
            {1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}
        });
        String pooled = models.graph.reduce("ReduceMean", features, false, 2, 3);
        String scores = models.graph.node("MatMul", List.of(pooled, models.weights(320, 320, CLASSES)));
        models.graph.output(models.graph.node("Softmax", List.of(scores)), Predictor.PROBABILITIES, -1, CLASSES);
        return models.pack(
                folder,
                Task.CLASSIFICATION,
                IntStream.range(0, CLASSES).mapToObj(i -> "class " + i).toList());
    }

    /** Features of 28 x 28 places, each compared with a memory of as many patches. */
    static Path memoryBank(Path folder, int patches) {
        BenchModels models = new BenchModels();
        OnnxGraph graph = models.graph;
        String features = models.features(new int[][] {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}});
        String places = graph.node(
                "Transpose", List.of(graph.reshape(features, 0, 32, -1)), OnnxAttribute.of("perm", new long[] {0, 2, 1
                }));
        String products = graph.node("MatMul", List.of(places, models.weights(32, 32, patches)));
        String distances =
                graph.node("Sub", List.of(graph.scalar("far", 100), graph.reduce("ReduceMax", products, false, 2)));
        String map = graph.node("Abs", List.of(graph.reshape(distances, 0, 28, 28)));
        graph.output(graph.reduce("ReduceMax", map, false, 1, 2), Predictor.ANOMALY_SCORE, -1);
        graph.output(map, Predictor.ANOMALY_MAP, -1, 28, 28);
        return models.pack(folder, Task.ANOMALY_DETECTION, List.of("normal", "abnormal"));
    }

    private String features(int[][] stages) {
        String value = relu6(convolution(graph.input("image", -1, 3, SIDE, SIDE), 3, 32, 3, 2, 1));
        int in = 32;
        for (int[] stage : stages) {
            for (int block = 0; block < stage[2]; block++) {
                int wide = in * stage[0];
                int stride = block == 0 ? stage[3] : 1;
                String body = stage[0] == 1 ? value : relu6(convolution(value, in, wide, 1, 1, 1));
                body = relu6(convolution(body, wide, wide, 3, stride, wide));
                body = convolution(body, wide, stage[1], 1, 1, 1);
                value = in == stage[1] && stride == 1 ? graph.node("Add", List.of(body, value)) : body;
                in = stage[1];
            }
        }
        return value;
    }

    private String convolution(String input, int in, int out, int kernel, int stride, int groups) {
        long margin = kernel / 2;
        return graph.node(
                "Conv",
                List.of(input, weights(in / groups * kernel * kernel, out, in / groups, kernel, kernel)),
                OnnxAttribute.of("group", groups),
                OnnxAttribute.of("strides", new long[] {stride, stride}),
                OnnxAttribute.of("pads", new long[] {margin, margin, margin, margin}));
    }

    private String weights(int inputs, long... shape) {
        int size = 1;
        for (long dimension : shape) {
            size *= (int) dimension;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (random.nextGaussian() * Math.sqrt(2.0 / inputs));
        }
        return graph.floats("weight", values, shape);
    }

    private String relu6(String input) {
        return graph.node("Clip", List.of(input, graph.scalar("low", 0), graph.scalar("high", 6)));
    }

    private Path pack(Path folder, Task task, List<String> labels) {
        try {
            Files.createDirectories(folder.resolve("parity"));
            byte[] onnx = graph.toBytes();
            Files.write(folder.resolve(ModelPackage.MODEL), onnx);
            byte[] image = SmallModels.png(Color.RED);
            String sample = "parity/red.png";
            Files.write(folder.resolve(sample), image);
            Threshold threshold = task == Task.CLASSIFICATION ? null : new Threshold(1, "by hand");
            try (Predictor predictor = new Predictor(onnx, task, PREPROCESSING, labels, threshold, 1)) {
                ParitySample parity = new ParitySample(
                        sample,
                        "any",
                        Predictor.parityValues(predictor.predict(List.of(image)).getFirst()));
                Map<String, StoredFile> files = new HashMap<>();
                for (String file : List.of(ModelPackage.MODEL, sample)) {
                    files.put(file, ModelPackage.describe(folder.resolve(file)));
                }
                ModelPackage.seal(folder, manifest(task, labels, threshold, files, List.of(parity)));
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Packs the same model once more, as another version: its file is a link. */
    static Path another(Path packed, Path folder) throws IOException {
        ModelManifest manifest = ModelPackage.open(packed).manifest();
        for (String file : manifest.files().keySet()) {
            Files.createDirectories(folder.resolve(file).getParent());
            Files.createLink(folder.resolve(file), packed.resolve(file));
        }
        ModelPackage.seal(
                folder,
                new ModelManifest(
                        manifest.formatVersion(),
                        manifest.task(),
                        manifest.input(),
                        manifest.preprocessing(),
                        manifest.labels(),
                        manifest.threshold(),
                        manifest.outputs(),
                        manifest.metrics(),
                        manifest.devMetrics(),
                        manifest.warnings(),
                        manifest.datasetVersion(),
                        lineage(),
                        manifest.files(),
                        manifest.paritySamples()));
        return folder;
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
                lineage(),
                files,
                samples);
    }

    private static Lineage lineage() {
        return new Lineage(
                UUID.randomUUID().toString(), 1, "p", "p", Map.of(), 1, null, "0.1.0", "2026-11-20T00:00:00Z");
    }
}
