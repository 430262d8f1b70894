package dev.loupe.vision.control;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.training.Control;
import dev.loupe.contracts.training.Control.Verdict;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.vision.evaluation.BinaryMetrics;
import dev.loupe.vision.evaluation.PairedDifference;
import dev.loupe.vision.net.RandomBackbones;
import dev.loupe.vision.recipe.Recipes;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TestEvaluation;
import dev.loupe.vision.training.TestPrediction;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Trains the control of a model, and compares both on the TEST images, or on DEV if there are none.
 *
 * <p>For a recipe that learns from the features of a frozen backbone, the control is the same recipe with a random network
 * and few TRAIN images. A recipe that trains a network itself has no frozen features: its control is the most frequent label.
 * Nothing is chosen on TEST: the control learns from TRAIN and is chosen on DEV, as the model is.
 */
public final class ControlTraining {
    /** Recipes with a frozen backbone, with the most TRAIN images of their controls. */
    private static final Map<String, Integer> TRAIN_IMAGES =
            Map.of("transfer", 1000, "classical", 500, "patchcore", 1000);

    private static final int DEV_IMAGES = 1000;

    private final TrainingJob job;
    private final TrainedModel model;
    private final Recipe recipe;
    private final Split split;
    private final List<TrainingImage> measured;

    private ControlTraining(TrainingJob job, TrainedModel model, Recipe recipe) {
        this.job = job;
        this.model = model;
        this.recipe = recipe;
        this.split = job.images(Split.TEST).isEmpty() ? Split.DEV : Split.TEST;
        this.measured = job.images(split).stream()
                .map(image -> new TrainingImage(image.id(), image.file(), image.label(), Split.TEST))
                .toList();
    }

    /**
     * Returns the control of a model; empty if the model is a control itself, if the main metric is not defined for the
     * images, or for an anomaly detector of an unknown recipe.
     *
     * @param job what the model was trained on; files are written below its work folder
     * @param recipe the recipe that the model was trained with; of one that chose among others, the chosen one
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     */
    public static Optional<Control> of(TrainingJob job, TrainedModel model, Recipe recipe) {
        Object backbone = recipe.parameters().get("backbone");
        if (backbone instanceof String name && BackboneName.isControl(name)) {
            return Optional.empty();
        }
        ControlTraining training = new ControlTraining(job, model, recipe);
        boolean frozenFeatures = TRAIN_IMAGES.containsKey(recipe.name());
        if (!training.measurable() || model.task() == Task.ANOMALY_DETECTION && !frozenFeatures) {
            return Optional.empty();
        }
        return Optional.of(frozenFeatures ? training.onRandomFeatures() : training.mostFrequentLabel());
    }

    private boolean measurable() {
        long labels = measured.stream().map(TrainingImage::label).distinct().count();
        return model.task() == Task.CLASSIFICATION ? labels > 0 : labels > 1;
    }

    private Control onRandomFeatures() {
        long start = System.nanoTime();
        List<TrainingImage> train =
                StratifiedSample.of(job.images(Split.TRAIN), TRAIN_IMAGES.get(recipe.name()), job.seed());
        List<TrainingImage> images = new ArrayList<>(train);
        images.addAll(StratifiedSample.of(job.images(Split.DEV), DEV_IMAGES, job.seed()));
        images.addAll(measured);
        TrainedModel control = Recipes.require(recipe.name(), getClass().getClassLoader())
                .train(job(images, RandomBackbones.mobileNet(job.seed())), parameters());
        Map<String, Double> metrics = new TreeMap<>(control.metrics());
        control.evaluation().metrics().forEach((name, estimate) -> metrics.put(name, estimate.value()));
        return compared(
                recipe.name() + " on a random network",
                train.size(),
                control.testPredictions(),
                metrics,
                secondsSince(start));
    }

    /** Parameters of the control: those of the model, but for the backbone and the size of its input. */
    private Map<String, Object> parameters() {
        Map<String, Object> parameters = new LinkedHashMap<>(recipe.parameters());
        parameters.put("backbone", BackboneName.RANDOM);
        parameters.remove("imageSize");
        return parameters;
    }

    private Control mostFrequentLabel() {
        long start = System.nanoTime();
        List<TrainingImage> train = job.images(Split.TRAIN);
        Map<String, Long> counts = train.stream()
                .collect(Collectors.groupingBy(TrainingImage::label, TreeMap::new, Collectors.counting()));
        String label = counts.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
        Map<String, TestPrediction> predictions = measured.stream()
                .collect(Collectors.toMap(
                        TrainingImage::id,
                        image -> new TestPrediction(image.label(), label, (double) counts.get(label) / train.size())));
        double right =
                measured.stream().filter(image -> image.label().equals(label)).count();
        return compared(
                "most frequent label: " + label,
                train.size(),
                predictions,
                Map.of("accuracy", right / measured.size()),
                secondsSince(start));
    }

    private Control compared(
            String name,
            int trainImages,
            Map<String, TestPrediction> predictions,
            Map<String, Double> metrics,
            double seconds) {
        Map<String, TestPrediction> own = split == Split.TEST ? model.testPredictions() : predictionsOnDev();
        boolean classifier = model.task() == Task.CLASSIFICATION;
        String metric = classifier ? "accuracy" : "auroc";
        Estimate difference = classifier
                ? PairedDifference.ofAccuracy(right(own), right(predictions), job.seed())
                : PairedDifference.ofAuroc(scores(own), scores(predictions), job.seed());
        Verdict verdict = difference.low() != null && difference.low() > 0 ? Verdict.BETTER : Verdict.NOT_SHOWN_BETTER;
        double value =
                classifier ? share(right(predictions)) : scores(predictions).auroc();
        return new Control(
                name,
                metric,
                split,
                measured.size(),
                trainImages,
                value,
                metrics,
                difference,
                verdict,
                verdict == Verdict.BETTER ? List.of() : ControlAdvice.of(recipe, value, difference, split),
                seconds);
    }

    /** The model's predictions for DEV, which trainings don't keep. */
    private Map<String, TestPrediction> predictionsOnDev() {
        try (Predictor predictor = new Predictor(
                Files.readAllBytes(model.onnx()),
                model.task(),
                model.preprocessing(),
                model.labels(),
                model.threshold(),
                1)) {
            return TestEvaluation.of(predictor, model.threshold(), job(measured, null))
                    .predictions();
        } catch (IOException e) {
            throw new UncheckedIOException("can't read " + model.onnx() + ": " + e.getMessage(), e);
        }
    }

    private TrainingJob job(List<TrainingImage> images, Backbone backbone) {
        try {
            Path folder = Files.createDirectories(job.workFolder().resolve("control"));
            return new TrainingJob(
                    images, job.labels(), backbone, job.seed(), job.threads(), folder, progress(), Checkpoints.NONE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Without metrics: the series of the run are those of its model. */
    private Progress progress() {
        return new Progress() {
            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {
                job.progress().report("control " + phase, done, total, Map.of());
            }

            @Override
            public boolean cancelled() {
                return job.progress().cancelled();
            }
        };
    }

    private boolean[] right(Map<String, TestPrediction> predictions) {
        boolean[] right = new boolean[measured.size()];
        for (int i = 0; i < right.length; i++) {
            TestPrediction prediction = predictions.get(measured.get(i).id());
            right[i] = prediction.predicted().equals(prediction.label());
        }
        return right;
    }

    private static double share(boolean[] right) {
        int count = 0;
        for (boolean one : right) {
            count += one ? 1 : 0;
        }
        return (double) count / right.length;
    }

    private BinaryMetrics scores(Map<String, TestPrediction> predictions) {
        Function<TrainingImage, TestPrediction> prediction = image -> predictions.get(image.id());
        boolean[] abnormal = new boolean[measured.size()];
        for (int i = 0; i < abnormal.length; i++) {
            abnormal[i] = !measured.get(i).label().equals(job.labels().getFirst());
        }
        return new BinaryMetrics(
                measured.stream()
                        .map(prediction)
                        .mapToDouble(TestPrediction::score)
                        .toArray(),
                abnormal);
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
