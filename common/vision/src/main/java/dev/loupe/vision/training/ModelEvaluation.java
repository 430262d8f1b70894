package dev.loupe.vision.training;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.model.AnomalyPrediction;
import dev.loupe.model.ClassPrediction;
import dev.loupe.model.DevScores;
import dev.loupe.model.Prediction;
import dev.loupe.model.Predictor;
import dev.loupe.model.Threshold;
import dev.loupe.model.onnx.NonFiniteOutputException;
import dev.loupe.vision.evaluation.AnomalyReport;
import dev.loupe.vision.evaluation.BinaryMetrics;
import dev.loupe.vision.evaluation.ClassProbabilities;
import dev.loupe.vision.evaluation.ClassificationReport;
import dev.loupe.vision.evaluation.ConfusionMatrix;
import dev.loupe.vision.evaluation.PixelSample;
import dev.loupe.vision.evaluation.PixelScores;
import dev.loupe.vision.evaluation.ProductReports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Evaluates a model on labelled images, with the same predictions as in serving. */
public final class ModelEvaluation {
    private ModelEvaluation() {}

    /**
     * Predicts images one by one, several in parallel.
     *
     * @param threads number of images in parallel
     * @param phase phase to report
     * @param kept extracts what to keep of a prediction, because the maps of many images would fill the memory
     * @return what was kept of the predictions, in the order of the images
     * @throws CancelledException if {@code progress} is cancelled
     * @throws NonFiniteOutputException if the model outputs NaN or infinity for an image; the message names the image
     */
    public static <T> List<T> predict(
            Predictor predictor,
            List<TrainingImage> images,
            int threads,
            String phase,
            Progress progress,
            Function<Prediction, T> kept) {
        List<T> predictions = new ArrayList<>(images.size());
        predict(
                predictor,
                images,
                threads,
                phase,
                progress,
                (_, prediction) -> kept.apply(prediction),
                (_, one) -> predictions.add(one));
        return predictions;
    }

    /**
     * @param kept extracts what to keep of a prediction, on several threads
     * @param taken receives it in the order of the images, on this thread
     */
    private static <T> void predict(
            Predictor predictor,
            List<TrainingImage> images,
            int threads,
            String phase,
            Progress progress,
            BiFunction<TrainingImage, Prediction, T> kept,
            BiConsumer<TrainingImage, T> taken) {
        Deque<Future<T>> running = new ArrayDeque<>();
        progress.report(phase, 0, images.size(), Map.of());
        try (ExecutorService workers = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().name("evaluate-", 0).factory())) {
            int submitted = 0;
            for (int done = 0; done < images.size(); done++) {
                progress.check();
                while (submitted < images.size() && running.size() < 2 * threads) {
                    TrainingImage image = images.get(submitted++);
                    running.add(workers.submit(() -> kept.apply(image, predict(predictor, image))));
                }
                taken.accept(images.get(done), finished(running.remove()));
                progress.report(phase, done + 1, images.size(), Map.of());
            }
        }
    }

    private static Prediction predict(Predictor predictor, TrainingImage image) {
        // An older model may be measured on products that it does not know: the nearest memory answers.
        String product =
                image.product() != null && predictor.products().contains(image.product()) ? image.product() : null;
        try {
            return predictor
                    .predict(List.of(Files.readAllBytes(image.file())), product)
                    .getFirst();
        } catch (NonFiniteOutputException e) {
            throw new NonFiniteOutputException("image '" + image.id() + "': " + e.getMessage(), e.images());
        } catch (IOException e) {
            throw new UncheckedIOException("image '" + image.id() + "': " + e.getMessage(), e);
        }
    }

    private static <T> T finished(Future<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("prediction failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a model was evaluated", e);
        }
    }

    /** {@code accuracy} and {@code macroF1} of a classifier; empty without images. */
    static Map<String, Double> classification(
            List<String> labels, List<TrainingImage> images, List<ClassPrediction> predictions) {
        if (images.isEmpty()) {
            return Map.of();
        }
        ConfusionMatrix matrix = ConfusionMatrix.of(
                labels.size(),
                images.stream().mapToInt(image -> labels.indexOf(image.label())).toArray(),
                predictions.stream().mapToInt(ClassPrediction::best).toArray());
        return Map.of("accuracy", matrix.accuracy(), "macroF1", matrix.macroF1());
    }

    /** {@code accuracy}, {@code macroF1} and {@code logLoss} of a classifier on the DEV images; empty without images. */
    static Map<String, Double> classDevMetrics(TrainingJob job, List<ClassPrediction> predictions) {
        Map<String, Double> metrics = new TreeMap<>(classification(job.labels(), job.images(Split.DEV), predictions));
        if (!metrics.isEmpty()) {
            metrics.put("logLoss", probabilities(job, Split.DEV, predictions).logLoss());
        }
        return metrics;
    }

    /** Scores of an anomaly detector for the DEV images, with the ground truth. */
    public static BinaryMetrics anomalyDev(Predictor predictor, TrainingJob job) {
        List<TrainingImage> images = job.images(Split.DEV);
        List<Float> scores = predict(
                predictor, images, job.threads(), "threshold", job.progress(), prediction -> ((AnomalyPrediction)
                                prediction)
                        .score());
        return truth(job, images, scores);
    }

    /**
     * The scores of {@link #anomalyDev} by image, for the package.
     *
     * @param dev scores of the DEV images, in their order
     */
    public static DevScores devScores(TrainingJob job, BinaryMetrics dev) {
        List<TrainingImage> images = job.images(Split.DEV);
        SortedMap<String, DevScores.Score> scores = new TreeMap<>();
        for (int i = 0; i < images.size(); i++) {
            scores.put(images.get(i).id(), new DevScores.Score(images.get(i).label(), dev.score(i)));
        }
        return new DevScores(scores);
    }

    /**
     * Scores of an anomaly detector for the TEST images.
     *
     * @param images scores of the images, with the ground truth
     * @param pixels scores of the pixels of those whose defects are marked
     * @param nearest for each image the product that it is nearest to; null if the model does not tell products apart
     */
    record TestScores(BinaryMetrics images, PixelScores pixels, List<String> nearest) {}

    /** The score of an image, those of its pixels, null if they are not measured, and the product it is nearest to. */
    private record TestScore(float image, PixelSample pixels, String nearest) {}

    /**
     * Scores of an anomaly detector for the TEST images. Draws their {@link TestHeatmaps}.
     *
     * @param threshold score from which an image is anomalous
     */
    static TestScores anomalyTest(Predictor predictor, TrainingJob job, Threshold threshold) {
        TestHeatmaps heatmaps = new TestHeatmaps(job.workFolder(), predictor.preprocessing());
        TestMaps maps = new TestMaps(job, predictor.preprocessing());
        List<TrainingImage> images = job.images(Split.TEST);
        List<Float> scores = new ArrayList<>(images.size());
        List<String> nearest = new ArrayList<>(images.size());
        predict(
                predictor,
                images,
                job.threads(),
                "evaluate",
                job.progress(),
                (image, prediction) -> {
                    AnomalyPrediction anomaly = (AnomalyPrediction) prediction;
                    heatmaps.draw(image.id(), image.file(), anomaly::map, threshold.value(), anomaly.score());
                    return new TestScore(anomaly.score(), maps.sample(image, anomaly), anomaly.nearestProduct());
                },
                (image, score) -> {
                    scores.add(score.image());
                    nearest.add(score.nearest());
                    maps.add(image, score.pixels());
                });
        return new TestScores(truth(job, images, scores), maps.scores(), nearest);
    }

    private static BinaryMetrics truth(TrainingJob job, List<TrainingImage> images, List<Float> scores) {
        boolean[] abnormal = new boolean[images.size()];
        for (int i = 0; i < abnormal.length; i++) {
            abnormal[i] = !images.get(i).label().equals(job.labels().getFirst());
        }
        return new BinaryMetrics(scores.stream().mapToDouble(Float::doubleValue).toArray(), abnormal);
    }

    /** Predictions for the TEST images at a threshold, by image id. */
    static Map<String, TestPrediction> anomalyPredictions(TrainingJob job, BinaryMetrics scores, Threshold threshold) {
        List<TrainingImage> images = job.images(Split.TEST);
        Map<String, TestPrediction> predictions = new LinkedHashMap<>();
        for (int i = 0; i < images.size(); i++) {
            String predicted = job.labels().get(scores.score(i) >= threshold.value() ? 1 : 0);
            predictions.put(images.get(i).id(), new TestPrediction(images.get(i).label(), predicted, scores.score(i)));
        }
        return predictions;
    }

    /** Predictions of a classifier, by image id. */
    static Map<String, TestPrediction> classPredictions(List<TrainingImage> images, List<ClassPrediction> answers) {
        Map<String, TestPrediction> predictions = new LinkedHashMap<>();
        for (int i = 0; i < images.size(); i++) {
            predictions.put(images.get(i).id(), TestPrediction.of(images.get(i).label(), answers.get(i)));
        }
        return predictions;
    }

    /**
     * The report on a classifier, null without TEST images.
     *
     * @param test predictions for the TEST images
     * @param dev predictions for the DEV images
     */
    static EvaluationReport classReport(TrainingJob job, List<ClassPrediction> test, List<ClassPrediction> dev) {
        return test.isEmpty()
                ? null
                : ClassificationReport.of(
                        job.labels(),
                        probabilities(job, Split.TEST, test),
                        probabilities(job, Split.DEV, dev),
                        job.seed());
    }

    private static ClassProbabilities probabilities(TrainingJob job, Split split, List<ClassPrediction> answers) {
        double[][] rows = new double[answers.size()][job.labels().size()];
        for (int i = 0; i < rows.length; i++) {
            for (int label = 0; label < rows[i].length; label++) {
                rows[i][label] = answers.get(i).probabilities()[label];
            }
        }
        return new ClassProbabilities(
                job.labels().size(),
                job.images(split).stream()
                        .mapToInt(image -> job.labels().indexOf(image.label()))
                        .toArray(),
                rows);
    }

    /** The report on an anomaly detector, null without TEST images. */
    static EvaluationReport anomalyReport(TrainingJob job, TestScores test, Threshold threshold) {
        if (test.images().size() == 0) {
            return null;
        }
        List<TrainingImage> images = job.images(Split.TEST);
        List<String> defects = images.stream().map(TrainingImage::defect).toList();
        List<String> products = images.stream().map(TrainingImage::product).toList();
        EvaluationReport report =
                AnomalyReport.of(job.labels(), test.images(), defects, test.pixels(), threshold.value(), job.seed());
        return report.withProducts(
                ProductReports.of(test.images(), products, test.nearest(), threshold.value(), job.seed()));
    }

    /** {@link #metrics(BinaryMetrics, double)} on TEST, and those of the pixels if they were measured. */
    static Map<String, Double> metrics(TestScores test, double threshold) {
        Map<String, Double> metrics = new LinkedHashMap<>(metrics(test.images(), threshold));
        metrics.putAll(test.pixels().metrics());
        return metrics;
    }

    /**
     * {@code accuracy}; if there are abnormal images, their {@code f1}, {@code precision} and {@code recall} at the threshold;
     * if there are normal ones as well, {@code auroc} and {@code averagePrecision}; empty without images.
     */
    public static Map<String, Double> metrics(BinaryMetrics scores, double threshold) {
        if (scores.size() == 0) {
            return Map.of();
        }
        ConfusionMatrix matrix = scores.at(threshold);
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("accuracy", matrix.accuracy());
        if (scores.positives() > 0) {
            metrics.put("f1", matrix.f1(1));
            metrics.put("precision", matrix.precision(1));
            metrics.put("recall", matrix.recall(1));
        }
        if (scores.measurable()) {
            metrics.put("auroc", scores.auroc());
            metrics.put("averagePrecision", scores.averagePrecision());
        }
        return metrics;
    }
}
