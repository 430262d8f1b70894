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
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TestEvaluation;
import dev.loupe.vision.training.TestPrediction;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Trains the control of a model, and compares both on the TEST images, or on DEV if there are none.
 *
 * <p>For a recipe that learns from the features of a frozen backbone, the control is the same recipe with a random network
 * and few TRAIN images. A recipe that trains a network itself has no frozen features: its control is {@code transfer} on a
 * random network, or {@code gaussian} for an anomaly detector, which take seconds.
 * Nothing is chosen on TEST: the control learns from TRAIN and is chosen on DEV, as the model is.
 */
public final class ControlTraining {
    private static final System.Logger LOG = System.getLogger(ControlTraining.class.getName());

    /** Recipes with a frozen backbone, with the most TRAIN images of their controls. */
    static final Map<String, Integer> TRAIN_IMAGES =
            Map.of("transfer", 1000, "classical", 500, "patchcore", 1000, "padim", 1000, "gaussian", 500);

    private static final int DEV_IMAGES = 1000;
    /** Most images that the model and its control are compared on. */
    private static final int MEASURED_IMAGES = 2000;

    private static final Duration LEAST_TIME = Duration.ofMinutes(5);
    /** The random network has 28 x 28 places, whose covariances must fit into a model of {@code padim}. */
    private static final int PADIM_FEATURES = 200;

    private final TrainingJob job;
    private final TrainedModel model;
    private final Recipe recipe;
    private final Split split;
    private final List<TrainingImage> measured;
    private final long start = System.nanoTime();
    private final Duration limit;

    private ControlTraining(TrainingJob job, TrainedModel model, Recipe recipe, Duration limit) {
        this.job = job;
        this.model = model;
        this.recipe = recipe;
        this.limit = limit;
        this.split = job.images(Split.TEST).isEmpty() ? Split.DEV : Split.TEST;
        this.measured = StratifiedSample.of(job.images(split), MEASURED_IMAGES, job.seed()).stream()
                .map(image -> image.in(Split.TEST))
                .toList();
    }

    /**
     * Returns the control of a model; empty if the model is a control itself, if the main metric is not defined for the
     * images, or if time is over.
     *
     * @param job what the model was trained on; files are written below its work folder
     * @param recipe the recipe that the model was trained with; of one that chose among others, the chosen one
     * @param limit time that the control may take
     * @throws CancelledException if the job's progress is cancelled
     */
    public static Optional<Control> of(TrainingJob job, TrainedModel model, Recipe recipe, Duration limit) {
        Object backbone = recipe.parameters().get("backbone");
        if (backbone instanceof String name && BackboneName.isControl(name)) {
            return Optional.empty();
        }
        ControlTraining training = new ControlTraining(job, model, recipe, limit);
        if (!training.measurable()) {
            LOG.log(Level.INFO, "no control: " + training.split + " has not the images that the main metric needs");
            return Optional.empty();
        }
        try {
            return Optional.of(training.onRandomFeatures());
        } catch (CancelledException e) {
            job.progress().check();
            LOG.log(Level.WARNING, "no control: its " + limit.toSeconds() + " s were over");
            return Optional.empty();
        }
    }

    /** Time for the control of a model: that of its training, and at least five minutes. */
    public static Duration limit(double trainSeconds) {
        Duration trained = Duration.ofSeconds((long) trainSeconds);
        return trained.compareTo(LEAST_TIME) > 0 ? trained : LEAST_TIME;
    }

    private boolean timeIsOver() {
        return System.nanoTime() - start >= limit.toNanos();
    }

    private boolean measurable() {
        long labels = measured.stream().map(TrainingImage::label).distinct().count();
        return model.task() == Task.CLASSIFICATION ? labels > 0 : labels > 1;
    }

    private Control onRandomFeatures() {
        Recipe probe = probe();
        List<TrainingImage> train =
                StratifiedSample.of(job.images(Split.TRAIN), TRAIN_IMAGES.get(probe.name()), job.seed());
        List<TrainingImage> images = new ArrayList<>(train);
        images.addAll(StratifiedSample.of(job.images(Split.DEV), DEV_IMAGES, job.seed()));
        images.addAll(measured);
        TrainedModel control = Recipes.require(probe.name(), getClass().getClassLoader())
                .train(job(images, RandomBackbones.mobileNet(job.seed())), probe.parameters());
        Map<String, Double> metrics = new TreeMap<>(control.metrics());
        control.evaluation().metrics().forEach((name, estimate) -> metrics.put(name, estimate.value()));
        return compared(probe.name() + " on a random network", train.size(), control.testPredictions(), metrics);
    }

    /** The recipe of the control: that of the model, or where this has no frozen features, one that has. */
    private Recipe probe() {
        if (TRAIN_IMAGES.containsKey(recipe.name())) {
            return new Recipe(recipe.name(), parameters());
        }
        String name = model.task() == Task.CLASSIFICATION ? "transfer" : "gaussian";
        return new Recipe(name, Map.of("backbone", BackboneName.RANDOM));
    }

    /** Parameters of the control: those of the model, but for the backbone, the size of its input, and what does not fit. */
    private Map<String, Object> parameters() {
        Map<String, Object> parameters = new LinkedHashMap<>(recipe.parameters());
        parameters.put("backbone", BackboneName.RANDOM);
        parameters.remove("imageSize");
        // Of the sample, a product may have too few images for a memory of its own.
        parameters.remove("products");
        if (recipe.name().equals("padim") && parameters.get("features") instanceof Number features) {
            parameters.put("features", Math.min(PADIM_FEATURES, features.intValue()));
        }
        return parameters;
    }

    private Control compared(
            String name, int trainImages, Map<String, TestPrediction> predictions, Map<String, Double> metrics) {
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
                (System.nanoTime() - start) / 1e9);
    }

    /** The model's predictions for DEV, which trainings don't keep. */
    private Map<String, TestPrediction> predictionsOnDev() {
        try (Predictor predictor = model.predictor()) {
            return TestEvaluation.of(predictor, model.threshold(), job(measured, null))
                    .predictions();
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
                return job.progress().cancelled() || timeIsOver();
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
}
