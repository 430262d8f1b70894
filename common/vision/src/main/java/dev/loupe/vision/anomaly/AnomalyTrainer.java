package dev.loupe.vision.anomaly;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.imaging.Augmentation;
import dev.loupe.imaging.BatchMixing;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.NormalRange;
import dev.loupe.model.Predictor;
import dev.loupe.model.Threshold;
import dev.loupe.vision.classification.ImageExamples;
import dev.loupe.vision.evaluation.AnomalyThreshold;
import dev.loupe.vision.evaluation.BinaryMetrics;
import dev.loupe.vision.training.ModelEvaluation;
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

/** What the recipes of anomaly detectors share. */
public final class AnomalyTrainer {
    /**
     * Fewest normal TRAIN images: from fewer, no method can tell how normal items vary, and the range of their exposure is
     * not known.
     */
    public static final int FEWEST_IMAGES = NormalImages.FEWEST;

    private AnomalyTrainer() {}

    /**
     * Checks a job.
     *
     * @throws IllegalArgumentException if it does not have two labels
     */
    public static void requireTwoLabels(TrainingJob job) {
        if (job.labels().size() != 2) {
            throw new IllegalArgumentException(
                    "anomaly detection has two labels, the normal one first, got " + job.labels());
        }
    }

    /**
     * Checks a job of a recipe with a backbone.
     *
     * @throws IllegalArgumentException if it has no backbone, or does not have two labels
     */
    public static void requireBackbone(TrainingJob job) {
        if (job.backbone() == null) {
            throw new IllegalArgumentException("anomaly detection needs a backbone");
        }
        requireTwoLabels(job);
    }

    /**
     * Returns the TRAIN images, all of which must be normal.
     *
     * @param recipe name of the recipe, for messages
     * @throws IllegalArgumentException if one of them is abnormal, or there are fewer than {@value #FEWEST_IMAGES}; the
     *     message names the image, or says how many are missing
     */
    public static List<TrainingImage> normalTrainImages(TrainingJob job, String recipe) {
        List<TrainingImage> images = onlyNormal(job, recipe);
        requireEnough(images.size(), "recipe '" + recipe + "'");
        return images;
    }

    /**
     * Checks a number of normal TRAIN images.
     *
     * @param what what they are needed for
     * @throws IllegalArgumentException if there are fewer than {@value #FEWEST_IMAGES}; the message says how many are missing
     */
    public static void requireEnough(int images, String what) {
        if (images < FEWEST_IMAGES) {
            throw new IllegalArgumentException("%s needs at least %d normal TRAIN images, got %d: %d are missing"
                    .formatted(what, FEWEST_IMAGES, images, FEWEST_IMAGES - images));
        }
    }

    /**
     * Returns the TRAIN images, however few they are.
     *
     * @param recipe name of the recipe, for messages
     * @throws IllegalArgumentException if one of them is abnormal; the message names it
     */
    public static List<TrainingImage> onlyNormal(TrainingJob job, String recipe) {
        List<TrainingImage> images = job.images(Split.TRAIN);
        String normal = job.labels().getFirst();
        for (TrainingImage image : images) {
            if (!image.label().equals(normal)) {
                throw new IllegalArgumentException(
                        "recipe '" + recipe + "' learns from normal images only: TRAIN image '" + image.id()
                                + "' has the label '" + image.label() + "', expected '" + normal + "'");
            }
        }
        return images;
    }

    /** The normal images of a split, prepared and otherwise unchanged. */
    public static ImageExamples normalImages(TrainingJob job, Split split, Preprocessing preprocessing) {
        String normal = job.labels().getFirst();
        TrainingJob normalOnly = new TrainingJob(
                job.images().stream()
                        .filter(image -> image.label().equals(normal))
                        .toList(),
                job.labels(),
                job.backbones(),
                job.seed(),
                job.threads(),
                job.workFolder(),
                job.progress(),
                job.checkpoints());
        return new ImageExamples(normalOnly, split, preprocessing, Augmentation.NONE, BatchMixing.NONE);
    }

    /**
     * Writes {@code model.onnx} into the job's work folder, chooses the threshold on DEV and evaluates that file on TEST.
     *
     * @param onnx the model file
     * @param preprocessing preprocessing for its input
     * @param resumedFrom name of the checkpoint that its training resumed from, null if there was none
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     */
    public static TrainedModel evaluated(
            TrainingJob job, byte[] onnx, Preprocessing preprocessing, String resumedFrom) {
        List<TrainingImage> normal = job.images(Split.TRAIN).stream()
                .filter(image -> image.label().equals(job.labels().getFirst()))
                .toList();
        NormalRange range = NormalImages.range(normal, preprocessing, job.threads(), job.progress());
        return evaluated(job, onnx, preprocessing, range, resumedFrom);
    }

    /**
     * As {@link #evaluated(TrainingJob, byte[], Preprocessing, String)}, with a threshold that is chosen already, and the
     * preprocessing of the job's backbone.
     */
    public static TrainedModel evaluated(TrainingJob job, byte[] onnx, Threshold threshold, String resumedFrom) {
        Preprocessing preprocessing = job.backbone().preprocessing();
        NormalRange range = NormalImages.range(job.images(Split.TRAIN), preprocessing, job.threads(), job.progress());
        return evaluated(job, onnx, preprocessing, range, resumedFrom, _ -> threshold);
    }

    /**
     * As {@link #evaluated(TrainingJob, byte[], Preprocessing, String)}, with the range of the normal images.
     *
     * @param range how the normal images were taken that the model learned from; null if that is not known
     */
    public static TrainedModel evaluated(
            TrainingJob job, byte[] onnx, Preprocessing preprocessing, NormalRange range, String resumedFrom) {
        return evaluated(job, onnx, preprocessing, range, resumedFrom, AnomalyThreshold::choose);
    }

    private static TrainedModel evaluated(
            TrainingJob job,
            byte[] onnx,
            Preprocessing preprocessing,
            NormalRange range,
            String resumedFrom,
            Function<BinaryMetrics, Threshold> choice) {
        Path file = job.workFolder().resolve("model.onnx");
        try {
            Files.write(file, onnx);
        } catch (IOException e) {
            throw new UncheckedIOException("can't write " + file + ": " + e.getMessage(), e);
        }
        Threshold none = new Threshold(0, "not chosen yet");
        try (Predictor predictor = new Predictor(onnx, Task.ANOMALY_DETECTION, preprocessing, job.labels(), none, 1)) {
            BinaryMetrics dev = ModelEvaluation.anomalyDev(predictor, job);
            Threshold threshold = choice.apply(dev);
            TestEvaluation test = TestEvaluation.of(predictor, threshold, job);
            return new TrainedModel(
                            Task.ANOMALY_DETECTION,
                            file,
                            preprocessing,
                            job.labels(),
                            threshold,
                            test.metrics(),
                            ModelEvaluation.metrics(dev, threshold.value()),
                            AnomalyThreshold.warnings(dev, threshold.value()),
                            test.predictions(),
                            test.report(),
                            resumedFrom,
                            null)
                    .with(ModelEvaluation.devScores(job, dev), range);
        }
    }
}
