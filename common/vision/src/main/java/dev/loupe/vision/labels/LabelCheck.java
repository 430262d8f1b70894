package dev.loupe.vision.labels;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.training.LabelIssues;
import dev.loupe.contracts.training.LabelIssues.Issue;
import dev.loupe.contracts.training.Skipped;
import dev.loupe.contracts.training.Skipped.Reason;
import dev.loupe.vision.classification.CrossValidation;
import dev.loupe.vision.classification.FeatureExamples;
import dev.loupe.vision.evaluation.ConfidentLearning;
import dev.loupe.vision.evaluation.ConfidentLearning.Suspect;
import dev.loupe.vision.recipe.transfer.Descriptions;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Looks for TRAIN and DEV images whose labels are probably wrong: {@link CrossValidation} predicts each image by a linear
 * head that has not learned from it, on the features of a backbone, and {@link ConfidentLearning} compares the
 * predictions with the labels.
 */
public final class LabelCheck {
    /** Most images of a check. */
    public static final int MAX_IMAGES = 10_000;
    /** Largest product of the numbers of images and classes of a check: the heads are trained in some minutes. */
    public static final int MAX_IMAGES_TIMES_CLASSES = 1_000_000;
    /** Least images of a class: with fewer, a head learns from too few of them to be compared with a label. */
    public static final int MIN_IMAGES_OF_CLASS = 10;

    private static final String PHASE = "label-check";
    private static final long EPOCHS = CrossValidation.epochs();

    private final TrainingJob job;
    private final List<TrainingImage> images;
    private final List<String> labels;

    private LabelCheck(TrainingJob job) {
        this.job = job;
        this.images = new ArrayList<>(job.images(Split.TRAIN));
        images.addAll(job.images(Split.DEV));
        Map<String, Long> counts =
                images.stream().collect(Collectors.groupingBy(TrainingImage::label, Collectors.counting()));
        this.labels = job.labels().stream()
                .filter(label -> counts.getOrDefault(label, 0L) >= MIN_IMAGES_OF_CLASS)
                .toList();
    }

    /**
     * Checks the labels of a job.
     *
     * @param descriptions the features of the job's images; asked for unless the check is skipped
     * @param names name of the uploaded file by the id of an image
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     */
    public static LabelIssues of(TrainingJob job, Supplier<Descriptions> descriptions, Map<String, String> names) {
        LabelCheck check = new LabelCheck(job);
        int size = check.images.size();
        if (check.labels.size() < 2) {
            return LabelIssues.skipped(new Skipped(
                    Reason.TOO_FEW_IMAGES,
                    "expected two or more classes with at least %d images in TRAIN and DEV, got %d"
                            .formatted(MIN_IMAGES_OF_CLASS, check.labels.size())));
        }
        if (size > MAX_IMAGES || (long) size * check.labels.size() > MAX_IMAGES_TIMES_CLASSES) {
            return LabelIssues.skipped(new Skipped(Reason.TOO_MANY_IMAGES, tooMany(size, check.labels.size())));
        }
        return check.run(descriptions.get(), names);
    }

    static String tooMany(int images, int classes) {
        return "expected at most %d images in TRAIN and DEV, and at most %d images times classes, got %d images of %d classes"
                .formatted(MAX_IMAGES, MAX_IMAGES_TIMES_CLASSES, images, classes);
    }

    private LabelIssues run(Descriptions descriptions, Map<String, String> names) {
        FeatureExamples all = all(descriptions);
        int[] checked = IntStream.range(0, images.size())
                .filter(i -> labels.contains(images.get(i).label()))
                .toArray();
        int[] given = Arrays.stream(checked)
                .map(i -> labels.indexOf(images.get(i).label()))
                .toArray();
        FeatureExamples examples = new FeatureExamples(
                Arrays.stream(checked).mapToObj(all.rows()::get).toList(), given, all.standardisation());
        double[][] probabilities = new CrossValidation(examples, labels.size(), job.seed())
                .probabilities(new PhaseProgress(job.progress(), PHASE, EPOCHS));
        List<Suspect> suspects = new ConfidentLearning(given, probabilities).suspects();
        return new LabelIssues(
                null,
                job.backbone().name(),
                checked.length,
                job.labels().stream().filter(label -> !labels.contains(label)).toList(),
                suspects.size(),
                suspects.stream()
                        .sorted(Comparator.comparingDouble(Suspect::selfConfidence)
                                .thenComparingInt(Suspect::index))
                        .limit(LabelIssues.MAX_ISSUES)
                        .map(suspect -> issue(
                                suspect,
                                index -> images.get(checked[index]),
                                probabilities[suspect.index()][suspect.probable()],
                                names))
                        .toList());
    }

    private static FeatureExamples all(Descriptions descriptions) {
        FeatureExamples train = descriptions.examples(Split.TRAIN);
        FeatureExamples dev = descriptions.examples(Split.DEV);
        List<float[]> rows = new ArrayList<>(train.rows());
        rows.addAll(dev.rows());
        return new FeatureExamples(
                rows,
                IntStream.concat(Arrays.stream(train.labels()), Arrays.stream(dev.labels()))
                        .toArray(),
                train.standardisation());
    }

    private Issue issue(
            Suspect suspect, IntFunction<TrainingImage> image, double likelyProbability, Map<String, String> names) {
        String id = image.apply(suspect.index()).id();
        return new Issue(
                id,
                names.get(id),
                labels.get(suspect.label()),
                Math.min(1, suspect.selfConfidence()),
                labels.get(suspect.probable()),
                Math.min(1, likelyProbability));
    }
}
