package dev.loupe.training.report;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.contracts.evaluation.EvaluationReport.ClassReport;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Numbers of images by label and split.
 *
 * @param learned whether the numbers of TRAIN and DEV are known; otherwise they are 0
 * @param rows one for each label
 * @param total of all labels
 */
record ImageCounts(boolean learned, List<Row> rows, Row total) {

    /** The images of a label. */
    record Row(String label, int train, int dev, int test) {}

    /** TRAIN and DEV of the dataset version that the model has learned from, TEST of the one that it is evaluated on. */
    static ImageCounts of(ReportSources sources) {
        EvaluationReport report = sources.report();
        DatasetManifest images = sources.lineage().images();
        Map<String, Integer> train = counts(images, Split.TRAIN);
        Map<String, Integer> dev = counts(images, Split.DEV);
        Map<String, Integer> test =
                report.classes().stream().collect(Collectors.toMap(ClassReport::label, ClassReport::support));
        Set<String> labels = new LinkedHashSet<>(report.labels());
        labels.addAll(train.keySet());
        labels.addAll(dev.keySet());
        List<Row> rows = labels.stream()
                .map(label -> new Row(
                        label, train.getOrDefault(label, 0), dev.getOrDefault(label, 0), test.getOrDefault(label, 0)))
                .toList();
        return new ImageCounts(images != null, rows, new Row("All", sum(train), sum(dev), report.images()));
    }

    private static Map<String, Integer> counts(DatasetManifest manifest, Split split) {
        return manifest == null
                ? Map.of()
                : manifest.images().stream()
                        .filter(image -> image.split() == split)
                        .collect(Collectors.toMap(DatasetManifest.Entry::label, _ -> 1, Integer::sum));
    }

    private static int sum(Map<String, Integer> counts) {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }
}
