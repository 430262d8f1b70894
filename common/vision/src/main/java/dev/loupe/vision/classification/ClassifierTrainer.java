package dev.loupe.vision.classification;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.Predictor;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.TestEvaluation;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** What the recipes of classifiers share. */
public final class ClassifierTrainer {
    private ClassifierTrainer() {}

    /**
     * Trains a classifier: resumes from the job's latest checkpoint, writes {@code model.onnx} into the job's work folder
     * and evaluates that file on DEV and TEST.
     *
     * @param preprocessing preprocessing for the model's input
     * @param training trains and returns the model file
     * @throws IllegalArgumentException if a label has no TRAIN image, or there are fewer than two labels
     * @throws NonFiniteLossException if training diverges
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     */
    public static TrainedModel train(
            TrainingJob job, Preprocessing preprocessing, Function<TrainingCheckpoints, byte[]> training) {
        check(job);
        TrainingCheckpoints checkpoints = new TrainingCheckpoints(job.checkpoints(), job.workFolder());
        byte[] onnx;
        try {
            onnx = training.apply(checkpoints);
        } catch (CancelledException e) {
            checkpoints.flush(); // so that the next attempt repeats as little as possible
            throw e;
        }
        Path file = job.workFolder().resolve("model.onnx");
        try {
            Files.write(file, onnx);
        } catch (IOException e) {
            throw new UncheckedIOException("can't write " + file + ": " + e.getMessage(), e);
        }
        return evaluated(job, file, preprocessing, checkpoints.resumedFrom());
    }

    /**
     * Evaluates a classifier on the DEV and TEST images of a job.
     *
     * @param file the model file
     * @param preprocessing preprocessing for its input
     * @param resumedFrom name of the checkpoint that its training resumed from, null if there was none
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     */
    public static TrainedModel evaluated(TrainingJob job, Path file, Preprocessing preprocessing, String resumedFrom) {
        try (Predictor predictor =
                new Predictor(Files.readAllBytes(file), Task.CLASSIFICATION, preprocessing, job.labels(), null, 1)) {
            TestEvaluation evaluation = TestEvaluation.of(predictor, null, job);
            return new TrainedModel(
                    Task.CLASSIFICATION,
                    file,
                    preprocessing,
                    job.labels(),
                    null,
                    evaluation.metrics(),
                    evaluation.devMetrics(),
                    List.of(),
                    evaluation.predictions(),
                    evaluation.report(),
                    resumedFrom,
                    null);
        } catch (IOException e) {
            throw new UncheckedIOException("can't read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Ends a graph with probabilities and returns the model file. */
    public static byte[] model(OnnxGraph graph, String scores, List<String> labels) {
        String probabilities = graph.node("Softmax", List.of(scores), OnnxAttribute.of("axis", 1));
        graph.release(Predictor.PROBABILITIES); // a backbone may have a value of that name
        graph.output(probabilities, Predictor.PROBABILITIES, -1, labels.size());
        return graph.toBytes();
    }

    private static void check(TrainingJob job) {
        if (job.labels().size() < 2) {
            throw new IllegalArgumentException("a classifier needs at least two labels, got " + job.labels());
        }
        List<TrainingImage> train = job.images(Split.TRAIN);
        for (String label : job.labels()) {
            if (train.stream().noneMatch(image -> image.label().equals(label))) {
                throw new IllegalArgumentException("label '" + label + "' has no TRAIN image");
            }
        }
    }
}
