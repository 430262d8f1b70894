package dev.loupe.vision.training;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.contracts.training.Selection;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.DevScores;
import dev.loupe.model.NormalRange;
import dev.loupe.model.Predictor;
import dev.loupe.model.Threshold;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Result of a training: a model and its metrics, measured with {@link dev.loupe.model.Predictor} on the same
 * file that will be served.
 *
 * @param task task of the model
 * @param onnx the model file, in the job's work folder
 * @param preprocessing preprocessing for its input
 * @param labels labels in the order of its outputs; for anomaly detection the normal label, then the abnormal one
 * @param threshold score from which an image is anomalous; null for a classifier
 * @param metrics metrics on the TEST images; empty if there are none
 * @param devMetrics metrics on the DEV images; empty if there are none
 * @param warnings warnings for users of the model, in whole sentences; empty if there are none
 * @param testPredictions predictions for the TEST images, by id
 * @param devScores scores of an anomaly detector for the DEV images; null for a classifier, or if they are not kept
 * @param normalRange how the normal images were taken that a detector learned from; null for a classifier, or if it is
 *     not known
 * @param evaluation report on the TEST images, null if there are none
 * @param resumedFrom name of the checkpoint that training resumed from, null if it started from the beginning
 * @param selection how the recipe chose among others, null if it did not
 */
public record TrainedModel(
        Task task,
        Path onnx,
        Preprocessing preprocessing,
        List<String> labels,
        Threshold threshold,
        Map<String, Double> metrics,
        Map<String, Double> devMetrics,
        List<String> warnings,
        Map<String, TestPrediction> testPredictions,
        DevScores devScores,
        NormalRange normalRange,
        EvaluationReport evaluation,
        String resumedFrom,
        Selection selection) {

    public TrainedModel {
        Objects.requireNonNull(task, "task");
        Objects.requireNonNull(onnx, "onnx");
        Objects.requireNonNull(preprocessing, "preprocessing");
        labels = List.copyOf(labels);
        metrics = Map.copyOf(metrics);
        devMetrics = Map.copyOf(devMetrics);
        warnings = List.copyOf(warnings);
        testPredictions = Map.copyOf(testPredictions);
        if ((threshold != null) != (task == Task.ANOMALY_DETECTION)) {
            throw new IllegalArgumentException("an anomaly detector has a threshold, a classifier has none");
        }
    }

    /** A model without DEV scores and without a range of normal images. */
    public TrainedModel(
            Task task,
            Path onnx,
            Preprocessing preprocessing,
            List<String> labels,
            Threshold threshold,
            Map<String, Double> metrics,
            Map<String, Double> devMetrics,
            List<String> warnings,
            Map<String, TestPrediction> testPredictions,
            EvaluationReport evaluation,
            String resumedFrom,
            Selection selection) {
        this(
                task,
                onnx,
                preprocessing,
                labels,
                threshold,
                metrics,
                devMetrics,
                warnings,
                testPredictions,
                null,
                null,
                evaluation,
                resumedFrom,
                selection);
    }

    /**
     * The same model, with the scores that its threshold was chosen on, and how the normal images were taken.
     *
     * @param range null if it is not known
     */
    public TrainedModel with(DevScores scores, NormalRange range) {
        return new TrainedModel(
                task,
                onnx,
                preprocessing,
                labels,
                threshold,
                metrics,
                devMetrics,
                warnings,
                testPredictions,
                scores,
                range,
                evaluation,
                resumedFrom,
                selection);
    }

    /** The same model, with more about its predictions for the TEST images. */
    public TrainedModel with(Map<String, TestPrediction> predictions) {
        return new TrainedModel(
                task,
                onnx,
                preprocessing,
                labels,
                threshold,
                metrics,
                devMetrics,
                warnings,
                predictions,
                devScores,
                normalRange,
                evaluation,
                resumedFrom,
                selection);
    }

    /** The same model, with another report on the TEST images. */
    public TrainedModel with(EvaluationReport report) {
        return new TrainedModel(
                task,
                onnx,
                preprocessing,
                labels,
                threshold,
                metrics,
                devMetrics,
                warnings,
                testPredictions,
                devScores,
                normalRange,
                report,
                resumedFrom,
                selection);
    }

    /** The same model, with how it was chosen and warnings about it. */
    public TrainedModel with(Selection how, List<String> warningsOfIt) {
        return new TrainedModel(
                task,
                onnx,
                preprocessing,
                labels,
                threshold,
                metrics,
                devMetrics,
                warningsOfIt,
                testPredictions,
                devScores,
                normalRange,
                evaluation,
                resumedFrom,
                how);
    }

    /**
     * The same model, which came of a training that resumed from another checkpoint.
     *
     * @param checkpoint name of the checkpoint, null if the training started from the beginning
     */
    public TrainedModel resumedFrom(String checkpoint) {
        return new TrainedModel(
                task,
                onnx,
                preprocessing,
                labels,
                threshold,
                metrics,
                devMetrics,
                warnings,
                testPredictions,
                devScores,
                normalRange,
                evaluation,
                checkpoint,
                selection);
    }

    /**
     * Opens the model to predict; close it.
     *
     * @throws UncheckedIOException if its file can't be read
     */
    public Predictor predictor() {
        try {
            return new Predictor(Files.readAllBytes(onnx), task, preprocessing, labels, threshold, 1);
        } catch (IOException e) {
            throw new UncheckedIOException("can't read " + onnx + ": " + e.getMessage(), e);
        }
    }
}
