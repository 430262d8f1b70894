package dev.loupe.cli.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The report on a run: one HTML file that needs no other and runs no script. The template escapes all texts.
 *
 * @param title title of the page
 * @param facts what was evaluated, and how it came about
 * @param metrics metrics with their intervals
 * @param intervals how the intervals were computed
 * @param classes figures of each label
 * @param averages averages over the labels
 * @param confusion matrix, null if there are too many labels for one
 * @param confusions most frequent confusions, instead of a matrix; else null
 * @param plots the plots
 * @param wrong images that the model is wrong on, with the largest margin
 */
public record Report(
        String title,
        List<Fact> facts,
        List<Metric> metrics,
        String intervals,
        List<ClassRow> classes,
        List<AverageRow> averages,
        Matrix confusion,
        List<Confusion> confusions,
        List<Plot> plots,
        List<WrongImage> wrong) {
    /** Most labels of a matrix. */
    private static final int MAX_LABELS = 30;

    private static final int MAX_CONFUSIONS = 30;
    private static final Template TEMPLATE = template();

    record Fact(String name, String value) {}

    record Metric(String name, String value, String interval, String control) {}

    record ClassRow(
            String label,
            int support,
            String precision,
            String recall,
            String f1,
            String auroc,
            String averagePrecision) {}

    record AverageRow(String name, String precision, String recall, String f1) {}

    record Matrix(List<String> labels, List<MatrixRow> rows) {}

    record MatrixRow(String label, List<Cell> cells) {}

    /** @param strength share of the images of the true label in percent, for the colour */
    record Cell(int images, int strength, boolean right) {}

    record Confusion(String truth, String predicted, int images) {}

    private static Template template() {
        try (InputStream file = Report.class.getResourceAsStream("report.html")) {
            return Mustache.compiler()
                    .escapeHTML(true)
                    .nullValue("")
                    .compile(new InputStreamReader(file, StandardCharsets.UTF_8));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /**
     * @param run the run
     * @param evaluation its evaluation
     * @param wrong images that its model is wrong on
     */
    public static String html(JsonNode run, JsonNode evaluation, List<WrongImage> wrong) {
        JsonNode report = evaluation.path("report");
        boolean small = report.path("labels").size() <= MAX_LABELS;
        return TEMPLATE.execute(new Report(
                evaluation.at("/model/project").asText() + ", run "
                        + run.path("id").asText(),
                ModelCard.facts(run, evaluation),
                metrics(evaluation),
                intervals(report.path("bootstrap")),
                classes(report.path("classes")),
                averages(report.path("averages")),
                small ? matrix(report) : null,
                small ? null : confusions(report.path("confusion")),
                Plots.of(report),
                wrong));
    }

    private static List<Metric> metrics(JsonNode evaluation) {
        List<Metric> metrics = new ArrayList<>();
        evaluation
                .at("/report/metrics")
                .properties()
                .forEach(metric -> metrics.add(new Metric(
                        Figures.name(metric.getKey()),
                        Figures.text(metric.getValue().path("value")),
                        Figures.interval(metric.getValue()),
                        Figures.text(evaluation.path("control").path("metrics").path(metric.getKey())))));
        return metrics;
    }

    private static String intervals(JsonNode bootstrap) {
        return Math.round(100 * bootstrap.path("confidence").asDouble()) + " % percentile intervals of "
                + bootstrap.path("resamples").asInt() + " bootstrap resamples of the images"
                + (bootstrap.path("stratified").asBoolean() ? ", stratified by true label" : "");
    }

    private static List<ClassRow> classes(JsonNode classes) {
        List<ClassRow> rows = new ArrayList<>();
        classes.forEach(label -> rows.add(new ClassRow(
                label.path("label").asText(),
                label.path("support").asInt(),
                Figures.text(label.path("precision")),
                Figures.text(label.path("recall")),
                Figures.text(label.path("f1")),
                Figures.text(label.path("auroc")),
                Figures.text(label.path("averagePrecision")))));
        return rows;
    }

    private static List<AverageRow> averages(JsonNode averages) {
        return List.of("micro", "macro", "weighted").stream()
                .map(name -> new AverageRow(
                        name,
                        Figures.text(averages.path(name).path("precision")),
                        Figures.text(averages.path(name).path("recall")),
                        Figures.text(averages.path(name).path("f1"))))
                .toList();
    }

    private static Matrix matrix(JsonNode report) {
        List<String> labels = new ArrayList<>();
        report.path("labels").forEach(label -> labels.add(label.asText()));
        Map<List<String>, Integer> counts = new HashMap<>();
        report.path("confusion")
                .forEach(cell -> counts.put(
                        List.of(
                                cell.path("truth").asText(),
                                cell.path("predicted").asText()),
                        cell.path("images").asInt()));
        List<MatrixRow> rows = labels.stream()
                .map(truth -> {
                    int all = labels.stream()
                            .mapToInt(predicted -> counts.getOrDefault(List.of(truth, predicted), 0))
                            .sum();
                    return new MatrixRow(
                            truth,
                            labels.stream()
                                    .map(predicted -> cell(
                                            counts.getOrDefault(List.of(truth, predicted), 0),
                                            all,
                                            truth.equals(predicted)))
                                    .toList());
                })
                .toList();
        return new Matrix(labels, rows);
    }

    private static Cell cell(int images, int all, boolean right) {
        return new Cell(images, all == 0 ? 0 : Math.round(100f * images / all), right);
    }

    private static List<Confusion> confusions(JsonNode confusion) {
        List<Confusion> confusions = new ArrayList<>();
        confusion.forEach(cell -> confusions.add(new Confusion(
                cell.path("truth").asText(),
                cell.path("predicted").asText(),
                cell.path("images").asInt())));
        return confusions.stream()
                .filter(cell -> !cell.truth().equals(cell.predicted()))
                .sorted((a, b) -> b.images() - a.images())
                .limit(MAX_CONFUSIONS)
                .toList();
    }
}
