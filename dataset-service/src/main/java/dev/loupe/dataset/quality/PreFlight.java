package dev.loupe.dataset.quality;

import static dev.loupe.contracts.dataset.DatasetManifest.ABNORMAL;
import static dev.loupe.contracts.dataset.DatasetManifest.NORMAL;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.dataset.image.Images.LabelConflicts;
import dev.loupe.dataset.quality.Warning.Code;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Checks a dataset version before it is frozen for problems that degrade a model or its evaluation. */
public final class PreFlight {
    /** With fewer normal images than this, a detector describes most kinds of item poorly. */
    public static final int FEW_NORMAL = 30;
    /** PatchCore gains little above a few hundred images (Roth et al., CVPR 2022, section 4.5). */
    static final int ENOUGH_NORMAL = 300;
    /** With fewer normal DEV images than this, the false-positive rate at a threshold is too uncertain. */
    public static final int FEW_NORMAL_IN_DEV = 20;
    /** With fewer images of a class than this, a model's accuracy depends on the choice of the images. */
    public static final int FEW_OF_CLASS = 20;
    /** Largest ratio of the sizes of two classes without a warning. */
    public static final int BALANCED = 10;

    private final List<Warning> warnings = new ArrayList<>();

    private PreFlight() {}

    /**
     * Checks a version.
     *
     * @param counts images by split and label, with every split
     * @param unlabelled number of images that were left out because they have no label
     */
    public static List<Warning> check(
            Task task,
            List<String> classes,
            Map<Split, Map<String, Integer>> counts,
            int unlabelled,
            LabelConflicts conflicts) {
        PreFlight check = new PreFlight();
        switch (task) {
            case ANOMALY_DETECTION -> check.anomaly(counts);
            case CLASSIFICATION -> check.classes(classes, counts);
        }
        check.leftOut(unlabelled);
        check.labelConflicts(conflicts);
        return List.copyOf(check.warnings);
    }

    private void anomaly(Map<Split, Map<String, Integer>> counts) {
        int normal = counts.get(Split.TRAIN).getOrDefault(NORMAL, 0);
        if (normal < FEW_NORMAL) {
            warn(
                    Code.TOO_FEW_IMAGES,
                    "%d normal images to learn from: with fewer than %d a detector takes rare normal items for abnormal",
                    normal,
                    FEW_NORMAL);
        } else if (normal > ENOUGH_NORMAL) {
            warn(
                    Code.MORE_NORMAL_THAN_HELP,
                    "%d normal images to learn from: about %d are enough, more make training longer and rarely help",
                    normal,
                    ENOUGH_NORMAL);
        }
        int dev = counts.get(Split.DEV).getOrDefault(NORMAL, 0);
        if (dev < FEW_NORMAL_IN_DEV) {
            warn(
                    Code.FEW_NORMAL_IN_DEV,
                    "%d normal %s in DEV: with fewer than %d the threshold may call many normal images abnormal",
                    dev,
                    dev == 1 ? "image" : "images",
                    FEW_NORMAL_IN_DEV);
        }
        Map<String, Integer> test = counts.get(Split.TEST);
        if (!test.containsKey(ABNORMAL)) {
            warn(Code.NO_ABNORMAL_IN_TEST, "recall cannot be measured: no abnormal image in TEST");
        }
        if (!test.containsKey(NORMAL)) {
            warn(Code.NO_NORMAL_IN_TEST, "false-positive rate cannot be measured: no normal image in TEST");
        }
    }

    private void classes(List<String> classes, Map<Split, Map<String, Integer>> counts) {
        Map<String, Integer> train = counts.get(Split.TRAIN);
        Map<String, Integer> test = counts.get(Split.TEST);
        for (String name : classes) {
            if (train.getOrDefault(name, 0) < FEW_OF_CLASS) {
                warn(
                        Code.TOO_FEW_IMAGES,
                        "class '%s' has %d images to learn from, fewer than %d",
                        name,
                        train.getOrDefault(name, 0),
                        FEW_OF_CLASS);
            }
            if (!test.containsKey(name)) {
                warn(Code.CLASS_MISSING_FROM_TEST, "class '%s' cannot be evaluated: it has no image in TEST", name);
            }
        }
        if (!train.isEmpty()) {
            Map.Entry<String, Integer> largest = Collections.max(train.entrySet(), Map.Entry.comparingByValue());
            Map.Entry<String, Integer> smallest = Collections.min(train.entrySet(), Map.Entry.comparingByValue());
            if (largest.getValue() > BALANCED * smallest.getValue()) {
                warn(
                        Code.HEAVY_IMBALANCE,
                        "class '%s' has %d images in TRAIN, '%s' only %d: a model may overlook the small class",
                        largest.getKey(),
                        largest.getValue(),
                        smallest.getKey(),
                        smallest.getValue());
            }
        }
    }

    private void leftOut(int unlabelled) {
        if (unlabelled > 0) {
            warn(Code.UNLABELLED_LEFT_OUT, "%d images without a label were left out", unlabelled);
        }
    }

    private void labelConflicts(LabelConflicts found) {
        if (found.splits() > 0) {
            warn(
                    Code.DUPLICATES_ACROSS_SPLITS,
                    "%d images came in more than one split, byte for byte: each was kept in the first one",
                    found.splits());
        }
        if (found.labels() > 0) {
            warn(
                    Code.DUPLICATES_ACROSS_LABELS,
                    "%d images came with more than one label, byte for byte: each kept its first one; label it to settle this",
                    found.labels());
        }
    }

    private void warn(Code code, String message, Object... figures) {
        warnings.add(new Warning(code, message.formatted(figures), findings(code)));
    }

    private static FindingKind findings(Code code) {
        return switch (code) {
            case TOO_FEW_IMAGES, FEW_NORMAL_IN_DEV, NO_ABNORMAL_IN_TEST, NO_NORMAL_IN_TEST, CLASS_MISSING_FROM_TEST ->
                FindingKind.TOO_FEW_IMAGES;
            case HEAVY_IMBALANCE -> FindingKind.LABEL_IMBALANCE;
            default -> null;
        };
    }
}
