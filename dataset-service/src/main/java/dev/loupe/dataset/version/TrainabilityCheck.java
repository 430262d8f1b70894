package dev.loupe.dataset.version;

import static dev.loupe.contracts.dataset.DatasetManifest.NORMAL;

import dev.loupe.contracts.Split;
import dev.loupe.dataset.project.Project;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Checks whether a run on a dataset version can succeed. Problems that only degrade a model are warnings. */
final class TrainabilityCheck {
    private static final int NAMED_CLASSES = 10;

    private TrainabilityCheck() {}

    /**
     * Rejects a version that no run can learn from.
     *
     * @param counts images by split and label, with every split
     * @throws ServiceException {@code DATASET_UNTRAINABLE} with everything that is missing
     */
    static void validate(Project project, List<String> classes, Map<Split, Map<String, Integer>> counts) {
        List<String> missing =
                switch (project.task()) {
                    case ANOMALY_DETECTION -> missingForAnomalies(counts);
                    case CLASSIFICATION -> missingForClasses(classes, counts.get(Split.TRAIN));
                };
        if (!missing.isEmpty()) {
            throw new ServiceException(
                    ErrorCode.DATASET_UNTRAINABLE,
                    "project '" + project.name() + "': no model can be trained on it: " + String.join("; ", missing));
        }
    }

    private static List<String> missingForAnomalies(Map<Split, Map<String, Integer>> counts) {
        List<String> missing = new ArrayList<>();
        if (!counts.get(Split.TRAIN).containsKey(NORMAL)) {
            missing.add("expected normal images in TRAIN to learn from, got none");
        }
        if (!counts.get(Split.DEV).containsKey(NORMAL)) {
            missing.add("expected normal images in DEV to choose the threshold with, got none"
                    + " (three normal images without a split, or two in TRAIN, are enough)");
        }
        return missing;
    }

    private static List<String> missingForClasses(List<String> classes, Map<String, Integer> train) {
        List<String> missing = new ArrayList<>();
        if (classes.size() < 2) {
            missing.add("expected two classes or more, got " + classes);
        }
        List<String> absent =
                classes.stream().filter(name -> !train.containsKey(name)).toList();
        if (!absent.isEmpty()) {
            missing.add("expected images of every class in TRAIN, got none of "
                    + String.join(", ", absent.subList(0, Math.min(NAMED_CLASSES, absent.size())))
                    + (absent.size() > NAMED_CLASSES ? " and %d others".formatted(absent.size() - NAMED_CLASSES) : ""));
        }
        return missing;
    }
}
