package dev.loupe.vision.training;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.model.ClassPrediction;
import dev.loupe.model.Predictor;
import dev.loupe.model.Threshold;
import dev.loupe.vision.training.ModelEvaluation.TestScores;
import java.util.List;
import java.util.Map;

/**
 * How a model that is trained already does on the TEST images of a job: the same figures as a training measures.
 *
 * @param metrics metrics on the TEST images; empty if there are none
 * @param devMetrics metrics of a classifier on the DEV images; empty if there are none, and for an anomaly detector, whose
 *     threshold is chosen on them
 * @param predictions predictions for the TEST images, by id
 * @param report report on the TEST images, null if there are none
 */
public record TestEvaluation(
        Map<String, Double> metrics,
        Map<String, Double> devMetrics,
        Map<String, TestPrediction> predictions,
        EvaluationReport report) {

    /**
     * Evaluates a model. For an anomaly detector it also draws the {@link TestHeatmaps}.
     *
     * @param threshold threshold of an anomaly detector, null for a classifier
     * @param job images of DEV and TEST, with the labels of the model
     * @throws CancelledException if the job's progress is cancelled
     * @throws dev.loupe.model.onnx.NonFiniteOutputException if the model outputs NaN or infinity for an image
     */
    public static TestEvaluation of(Predictor predictor, Threshold threshold, TrainingJob job) {
        return switch (predictor.task()) {
            case CLASSIFICATION -> classifier(predictor, job);
            case ANOMALY_DETECTION -> detector(predictor, threshold, job);
        };
    }

    private static TestEvaluation classifier(Predictor predictor, TrainingJob job) {
        List<TrainingImage> images = job.images(Split.TEST);
        List<ClassPrediction> test = predict(predictor, job, images, "evaluate");
        List<ClassPrediction> dev = predict(predictor, job, job.images(Split.DEV), "validate");
        return new TestEvaluation(
                ModelEvaluation.classification(job.labels(), images, test),
                ModelEvaluation.classDevMetrics(job, dev),
                ModelEvaluation.classPredictions(images, test),
                ModelEvaluation.classReport(job, test, dev));
    }

    private static List<ClassPrediction> predict(
            Predictor predictor, TrainingJob job, List<TrainingImage> images, String phase) {
        return ModelEvaluation.predict(
                predictor, images, job.threads(), phase, job.progress(), ClassPrediction.class::cast);
    }

    private static TestEvaluation detector(Predictor predictor, Threshold threshold, TrainingJob job) {
        TestScores test = ModelEvaluation.anomalyTest(predictor, job, threshold);
        return new TestEvaluation(
                ModelEvaluation.metrics(test, threshold.value()),
                Map.of(),
                ModelEvaluation.anomalyPredictions(job, test.images(), threshold),
                ModelEvaluation.anomalyReport(job, test, threshold));
    }
}
