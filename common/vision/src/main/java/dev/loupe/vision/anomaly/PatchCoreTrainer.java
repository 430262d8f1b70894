package dev.loupe.vision.anomaly;

import dev.loupe.vision.evaluation.BinaryMetrics;
import dev.loupe.vision.model.Predictor;
import dev.loupe.vision.model.Task;
import dev.loupe.vision.model.Threshold;
import dev.loupe.vision.net.FeatureExtractor;
import dev.loupe.vision.net.OnnxGraph;
import dev.loupe.vision.training.ModelJudge;
import dev.loupe.vision.training.Split;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Trains PatchCore. */
public final class PatchCoreTrainer {
    private PatchCoreTrainer() {}

    public static TrainedModel train(TrainingJob job) {
        PatchFeatures features = PatchFeatures.of(job.backbone());
        List<TrainingImage> normal = job.images(Split.TRAIN);
        OnnxGraph graph = job.backbone().graph();
        graph.output(features.appendTo(graph), "patches", -1, features.places(), features.channels());
        float[] values = new float[normal.size() * features.places() * features.channels()];
        long t = System.nanoTime();
        try (FeatureExtractor extractor = new FeatureExtractor(
                graph.toBytes(), job.backbone().preprocessing(), List.of("patches"), job.threads())) {
            extractor.extract(normal, "features", job.progress(), (index, maps) -> {
                float[] map = maps.getFirst();
                System.arraycopy(map, 0, values, index * map.length, map.length);
            });
        }
        System.out.printf("features %.1f s%n", (System.nanoTime() - t) / 1e9);
        t = System.nanoTime();
        Patches patches = new Patches(values, features.channels());
        int[] rows = Coreset.choose(patches, patches.count() / 100, job.seed(), job.threads(), job.progress());
        System.out.printf("coreset %d of %d: %.1f s%n", rows.length, patches.count(), (System.nanoTime() - t) / 1e9);
        t = System.nanoTime();
        OnnxGraph full = job.backbone().graph();
        PatchCoreGraph.append(full, features.appendTo(full), features, patches.select(rows), job.backbone().preprocessing());
        byte[] onnx = full.toBytes();
        Path file = job.workFolder().resolve("model.onnx");
        try {
            Files.write(file, onnx);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try (Predictor predictor = new Predictor(
                onnx, Task.ANOMALY_DETECTION, job.backbone().preprocessing(), job.labels(), new Threshold(0, ""), 1)) {
            BinaryMetrics dev = ModelJudge.anomaly(predictor, job, Split.DEV, "evaluate");
            Threshold threshold = new Threshold(dev.negativeQuantile(1), "x");
            BinaryMetrics test = ModelJudge.anomaly(predictor, job, Split.TEST, "evaluate");
            System.out.printf("judge %.1f s%n", (System.nanoTime() - t) / 1e9);
            return new TrainedModel(
                    Task.ANOMALY_DETECTION,
                    file,
                    job.backbone().preprocessing(),
                    job.labels(),
                    threshold,
                    ModelJudge.metrics(test, threshold.value()),
                    ModelJudge.metrics(dev, threshold.value()),
                    null);
        }
    }
}
