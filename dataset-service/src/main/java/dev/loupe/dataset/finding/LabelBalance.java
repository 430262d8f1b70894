package dev.loupe.dataset.finding;

import static dev.loupe.contracts.dataset.DatasetManifest.ABNORMAL;
import static dev.loupe.contracts.dataset.DatasetManifest.NORMAL;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.dataset.image.Image;
import dev.loupe.dataset.quality.FindingKind;
import dev.loupe.dataset.quality.PreFlight;
import dev.loupe.dataset.split.SplitAssignment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Labels with too few images in a split, and classes with many times fewer images than the largest one. Images without
 * a split count for the one that a freeze would give them; their numbers do not depend on its seed.
 */
final class LabelBalance {
    /** Fewest images of a class in DEV: the epoch to stop at is chosen on them. */
    static final int FEW_IN_DEV = 5;
    /** Fewest images of a label in TEST. With 20, one wrong image is 5 %. */
    static final int FEW_IN_TEST = 20;

    private final Map<Split, Map<String, Integer>> counts = new TreeMap<>();
    private final List<Observation> found = new ArrayList<>();

    private LabelBalance() {}

    /** Searches among the images of a project; those without a label do not count. */
    static List<Observation> find(Task task, List<Image> images) {
        LabelBalance balance = new LabelBalance();
        List<Image> labelled =
                images.stream().filter(image -> image.label() != null).toList();
        if (labelled.isEmpty()) {
            return List.of();
        }
        Map<String, Split> splits = SplitAssignment.assign(task, 0, labelled);
        TreeMap<String, Integer> labels = new TreeMap<>();
        for (Image image : labelled) {
            labels.merge(image.label(), 1, Integer::sum);
            balance.counts
                    .computeIfAbsent(splits.get(image.sha256()), _ -> new TreeMap<>())
                    .merge(image.label(), 1, Integer::sum);
        }
        switch (task) {
            case CLASSIFICATION -> balance.classes(labels.keySet());
            case ANOMALY_DETECTION -> balance.anomaly();
        }
        return balance.found;
    }

    private int count(Split split, String label) {
        return counts.getOrDefault(split, Map.of()).getOrDefault(label, 0);
    }

    private void classes(Iterable<String> labels) {
        for (String label : labels) {
            require(label, Split.TRAIN, PreFlight.FEW_OF_CLASS);
            require(label, Split.DEV, FEW_IN_DEV);
            require(label, Split.TEST, FEW_IN_TEST);
        }
        Map<String, Integer> train = counts.getOrDefault(Split.TRAIN, Map.of());
        if (train.isEmpty()) {
            return;
        }
        Map.Entry<String, Integer> largest = Collections.max(train.entrySet(), Map.Entry.comparingByValue());
        train.forEach((label, images) -> {
            if (largest.getValue() > PreFlight.BALANCED * images) {
                int needed = Math.ceilDiv(largest.getValue(), PreFlight.BALANCED) - images;
                found.add(Observation.ofLabel(
                        FindingKind.LABEL_IMBALANCE,
                        Severity.MEDIUM,
                        "class '%s' has %d images in TRAIN, '%s' has %d: %d more make it a tenth"
                                .formatted(label, images, largest.getKey(), largest.getValue(), needed),
                        label,
                        null,
                        Map.of("images", (double) images, "largest", (double) largest.getValue(), "needed", (double)
                                needed)));
            }
        });
    }

    private void anomaly() {
        require(NORMAL, Split.TRAIN, PreFlight.FEW_NORMAL);
        require(NORMAL, Split.DEV, PreFlight.FEW_NORMAL_IN_DEV);
        require(NORMAL, Split.TEST, FEW_IN_TEST);
        require(ABNORMAL, Split.TEST, FEW_IN_TEST);
    }

    private void require(String label, Split split, int wanted) {
        int images = count(split, label);
        if (images >= wanted) {
            return;
        }
        int needed = wanted - images;
        found.add(Observation.ofLabel(
                FindingKind.TOO_FEW_IMAGES,
                images == 0 ? Severity.HIGH : split == Split.TRAIN ? Severity.MEDIUM : Severity.LOW,
                "'%s' has %d %s in %s, expected at least %d: %d more"
                        .formatted(label, images, images == 1 ? "image" : "images", split, wanted, needed),
                label,
                split.name(),
                Map.of("images", (double) images, "expected", (double) wanted, "needed", (double) needed)));
    }
}
