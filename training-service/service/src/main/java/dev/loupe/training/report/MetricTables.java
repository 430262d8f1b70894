package dev.loupe.training.report;

import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.contracts.evaluation.EvaluationReport.Average;
import dev.loupe.contracts.evaluation.EvaluationReport.Bootstrap;
import dev.loupe.contracts.evaluation.EvaluationReport.ClassReport;
import dev.loupe.contracts.evaluation.EvaluationReport.Detection;
import dev.loupe.contracts.evaluation.EvaluationReport.Localization;
import dev.loupe.contracts.evaluation.EvaluationReport.ProductReport;
import dev.loupe.training.report.FigureText.Figure;
import dev.loupe.training.report.FigureText.Interval;
import dev.loupe.training.result.TestResult;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Tables of figures.
 *
 * @param metrics metrics with their intervals
 * @param intervals how the intervals were computed
 * @param classes figures of each label
 * @param averages averages over the labels
 * @param defects kinds of defects of an anomaly detector's images
 * @param products products of an anomaly detector's images
 * @param localization what the metrics of pixels were measured on; empty without masks
 */
record MetricTables(
        List<MetricRow> metrics,
        String intervals,
        List<ClassRow> classes,
        List<AverageRow> averages,
        List<DefectRow> defects,
        List<ProductRow> products,
        String localization) {

    /** A metric, and that of the control. */
    record MetricRow(String name, Interval figure, Figure control) {}

    /** The figures of a label. */
    record ClassRow(
            String label,
            int support,
            Figure precision,
            Figure recall,
            Figure f1,
            Figure auroc,
            Figure averagePrecision) {
        private static ClassRow of(ClassReport label) {
            return new ClassRow(
                    label.label(),
                    label.support(),
                    Figure.of(label.precision()),
                    Figure.of(label.recall()),
                    Figure.of(label.f1()),
                    Figure.of(label.auroc()),
                    Figure.of(label.averagePrecision()));
        }
    }

    /** An average over the labels. */
    record AverageRow(String name, Figure precision, Figure recall, Figure f1) {
        private static AverageRow of(String name, Average average) {
            return new AverageRow(
                    name, Figure.of(average.precision()), Figure.of(average.recall()), Figure.of(average.f1()));
        }
    }

    /**
     * How many of the images with a kind of defect are found.
     *
     * @param aupro of the regions of this kind; an empty figure without masks
     */
    record DefectRow(String defect, long images, long found, Figure aupro) {}

    /** A product, and its own AUROC. */
    record ProductRow(String product, int normal, int falseAlarms, int abnormal, int misses, Interval auroc) {
        private static ProductRow of(ProductReport report) {
            return new ProductRow(
                    report.product(),
                    report.normal(),
                    report.falseAlarms(),
                    report.abnormal(),
                    report.misses(),
                    report.auroc() == null
                            ? new Interval(Figure.of(null), Figure.of(null), Figure.of(null))
                            : Interval.of(report.auroc()));
        }
    }

    static MetricTables of(ReportSources sources) {
        EvaluationReport report = sources.report();
        Map<String, Double> control = sources.made().control() == null
                ? Map.of()
                : sources.made().control().metrics();
        return new MetricTables(
                report.metrics().entrySet().stream()
                        .map(metric -> new MetricRow(
                                FigureText.name(metric.getKey()),
                                Interval.of(metric.getValue()),
                                Figure.of(control.get(metric.getKey()))))
                        .toList(),
                intervals(report.bootstrap()),
                report.classes().stream().map(ClassRow::of).toList(),
                List.of(
                        AverageRow.of("micro", report.averages().micro()),
                        AverageRow.of("macro", report.averages().macro()),
                        AverageRow.of("weighted", report.averages().weighted())),
                defects(sources),
                report.detection() == null
                        ? List.of()
                        : report.detection().products().stream()
                                .map(ProductRow::of)
                                .toList(),
                localization(report));
    }

    private static String localization(EvaluationReport report) {
        Localization pixels =
                report.detection() == null ? null : report.detection().localization();
        if (pixels == null) {
            return "";
        }
        String left =
                switch (pixels.withoutMask()) {
                    case 0 -> "";
                    case 1 -> "; 1 abnormal image without a mask is left out";
                    default -> "; " + pixels.withoutMask() + " abnormal images without a mask are left out";
                };
        return String.format(
                Locale.ROOT,
                "AUROC and average precision of pixels, and AUPRO (per-region overlap up to a false-positive rate of %s;"
                        + " chance: %s) are measured on %d pixels of %d images, with %d regions of defects%s",
                pixels.limit(),
                pixels.limit() / 2,
                pixels.pixels(),
                pixels.images(),
                pixels.regions(),
                left);
    }

    private static String intervals(Bootstrap bootstrap) {
        return "%d %% percentile intervals of %d bootstrap resamples of the images%s, seed %d"
                .formatted(
                        Math.round(100 * bootstrap.confidence()),
                        bootstrap.resamples(),
                        bootstrap.stratified() ? ", stratified by true label" : "",
                        bootstrap.seed());
    }

    private static List<DefectRow> defects(ReportSources sources) {
        Map<String, List<TestResult>> images = sources.results().stream()
                .filter(image -> image.defect() != null)
                .collect(Collectors.groupingBy(TestResult::defect, TreeMap::new, Collectors.toList()));
        Detection detection = sources.report().detection();
        Map<String, Double> aupro = new HashMap<>();
        if (detection != null) {
            detection.defects().forEach(kind -> aupro.put(kind.defect(), kind.aupro()));
        }
        return images.entrySet().stream()
                .map(defect -> new DefectRow(
                        defect.getKey(),
                        defect.getValue().size(),
                        defect.getValue().stream().filter(TestResult::right).count(),
                        Figure.of(aupro.get(defect.getKey()))))
                .toList();
    }
}
