package dev.loupe.local.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import dev.failsafe.function.CheckedPredicate;
import dev.failsafe.function.CheckedSupplier;
import dev.loupe.cli.command.HeatmapFiles;
import dev.loupe.cli.server.Connection;
import dev.loupe.client.ClientException;
import dev.loupe.inference.v1.ClassifyResponse;
import dev.loupe.inference.v1.DetectAnomalyResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Asks the model about some images of the dataset version and shows its answers beside the truth. */
final class TestPredictions {
    private static final int SHOWN = 8;

    private final Connection connection;
    private final DemoPlan plan;
    private final Narrator narrator;

    TestPredictions(Connection connection, DemoPlan plan, Narrator narrator) {
        this.connection = connection;
        this.plan = plan;
        this.narrator = narrator;
    }

    /**
     * TEST images, or where there are none, others.
     *
     * @param dataset number of the dataset version
     * @param version that must answer
     * @return how many images were asked about
     */
    int show(String project, int dataset, int version) {
        List<JsonNode> images = Stream.of("TEST", "DEV", "TRAIN")
                .map(split -> some(connection.datasets().images(project, dataset, split)))
                .filter(found -> !found.isEmpty())
                .findFirst()
                .orElse(List.of());
        HeatmapFiles heatmaps = new HeatmapFiles(
                plan.folder().resolve(project),
                images.stream().map(TestPredictions::name).toList());
        for (JsonNode image : images) {
            byte[] content =
                    connection.datasets().content(project, image.path("sha256").asText());
            narrator.tell(
                    switch (plan.task()) {
                        case CLASSIFICATION -> classify(project, version, image, content);
                        case ANOMALY_DETECTION -> detect(project, version, image, content, heatmaps);
                    });
        }
        return images.size();
    }

    /** A few, in turn from each kind. */
    private static List<JsonNode> some(List<JsonNode> images) {
        Map<String, List<JsonNode>> kinds = new LinkedHashMap<>();
        images.forEach(image ->
                kinds.computeIfAbsent(kind(image), kind -> new ArrayList<>()).add(image));
        List<JsonNode> some = new ArrayList<>();
        for (int round = 0; some.size() < Math.min(SHOWN, images.size()); round++) {
            for (List<JsonNode> kind : kinds.values()) {
                if (round < kind.size() && some.size() < SHOWN) {
                    some.add(kind.get(round));
                }
            }
        }
        return some;
    }

    private static Path name(JsonNode image) {
        return Path.of(image.path("name").asText());
    }

    /** The kind of defect where one is known, else the label. */
    private static String kind(JsonNode image) {
        return image.path("defect").asText(image.path("label").asText());
    }

    private String classify(String project, int version, JsonNode image, byte[] content) {
        ClassifyResponse answer = made(
                () -> connection.predictions().classify(project, "", content),
                response -> response.getProvenance().getVersion() == version);
        String truth = image.path("label").asText();
        return String.format(
                Locale.ROOT,
                "%-4s %-12s is %-12s probability %.3f  %s",
                answer.getLabel().equals(truth) ? "ok" : "NO",
                truth,
                answer.getLabel(),
                answer.getScore(),
                image.path("name").asText());
    }

    private String detect(String project, int version, JsonNode image, byte[] content, HeatmapFiles heatmaps) {
        DetectAnomalyResponse answer = made(
                () -> connection.predictions().detectAnomaly(project, "", content, true),
                response -> response.getProvenance().getVersion() == version);
        boolean abnormal = image.path("label").asText().equalsIgnoreCase("abnormal");
        return String.format(
                Locale.ROOT,
                "%-4s %-10s is %-9s score %.3f (threshold %.3f)%s",
                answer.getAnomalous() == abnormal ? "ok" : "NO",
                kind(image),
                answer.getAnomalous() ? "abnormal" : "normal",
                answer.getAnomalyScore(),
                answer.getThreshold(),
                answer.getAnomalous() ? "  " + writeHeatmap(image, answer, content, heatmaps) : "");
    }

    /** The heatmap beside the image that it was made of. */
    private static Path writeHeatmap(
            JsonNode image, DetectAnomalyResponse answer, byte[] content, HeatmapFiles heatmaps) {
        HeatmapFiles.write(heatmaps.beside(name(image)), output -> output.write(content));
        return HeatmapFiles.write(heatmaps.of(name(image)), answer.getHeatmapPng()::writeTo);
    }

    /** The news of the promotion takes a moment to arrive: until then there is no answer, or another version's. */
    private static <T> T made(CheckedSupplier<T> call, CheckedPredicate<T> byTheVersion) {
        RetryPolicy<T> untilPromoted = RetryPolicy.<T>builder()
                .handleResultIf(response -> !byTheVersion.test(response))
                .handle(ClientException.class)
                .withDelay(Duration.ofMillis(100))
                .withMaxAttempts(-1)
                .withMaxDuration(Duration.ofSeconds(15))
                .build();
        return Failsafe.with(untilPromoted).get(call);
    }
}
