package dev.loupe.vision.labels;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.training.LearningCurve;
import dev.loupe.contracts.training.Skipped;
import dev.loupe.contracts.training.Skipped.Reason;
import dev.loupe.vision.classification.PartialTrainings;
import dev.loupe.vision.evaluation.LearningCurves;
import dev.loupe.vision.evaluation.LearningCurves.Part;
import dev.loupe.vision.recipe.transfer.Descriptions;
import dev.loupe.vision.training.TrainingJob;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** Measures whether more TRAIN images would help, on DEV, never on TEST. */
public final class LearningCurveCheck {
    /** Least TRAIN images of each class: the smallest part, an eighth, has two of them. */
    public static final int MIN_TRAIN_IMAGES_OF_CLASS = 16;
    /** Least DEV images: with fewer, the accuracy says nothing about a gain. */
    public static final int MIN_DEV_IMAGES = 20;

    private static final String PHASE = "learning-curve";

    private LearningCurveCheck() {}

    /**
     * Measures the curve.
     *
     * @param descriptions the features of the job's images; asked for unless the check is skipped
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     */
    public static LearningCurve of(TrainingJob job, Supplier<Descriptions> descriptions) {
        int classes = job.labels().size();
        int[] counts = new int[classes];
        Arrays.stream(job.classes(Split.TRAIN)).forEach(c -> counts[c]++);
        int fewest = Arrays.stream(counts).min().orElse(0);
        int dev = job.images(Split.DEV).size();
        int train = job.images(Split.TRAIN).size();
        if (fewest < MIN_TRAIN_IMAGES_OF_CLASS || dev < MIN_DEV_IMAGES) {
            return LearningCurve.skipped(new Skipped(
                    Reason.TOO_FEW_IMAGES,
                    "expected at least %d TRAIN images of each class and %d DEV images, got %d and %d"
                            .formatted(MIN_TRAIN_IMAGES_OF_CLASS, MIN_DEV_IMAGES, fewest, dev)));
        }
        if (train + dev > LabelCheck.MAX_IMAGES
                || (long) (train + dev) * classes > LabelCheck.MAX_IMAGES_TIMES_CLASSES) {
            return LearningCurve.skipped(new Skipped(Reason.TOO_MANY_IMAGES, LabelCheck.tooMany(train + dev, classes)));
        }
        Descriptions described = descriptions.get();
        List<Part> parts = new PartialTrainings(
                        described.examples(Split.TRAIN), described.examples(Split.DEV), classes, job.seed())
                .run(new PhaseProgress(job.progress(), PHASE, PartialTrainings.epochs()));
        return LearningCurves.of(parts, job.classes(Split.DEV), job.backbone().name(), job.seed());
    }
}
