package dev.loupe.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import dev.failsafe.function.CheckedPredicate;
import dev.failsafe.function.CheckedSupplier;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.server.Connection;
import dev.loupe.inference.v1.ClassifyResponse;
import dev.loupe.inference.v1.DetectAnomalyResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Asks the model about some TEST pictures and shows its answers beside the truth. */
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
     * @param version that must answer
     * @return how many pictures were asked about
     */
    int show(String project, int version) {
        List<JsonNode> pictures = some(connection.datasets().images(project, "TEST", 2_000));
        Path folder = plan.folder().resolve(project);
        for (JsonNode picture : pictures) {
            byte[] content = connection
                    .datasets()
                    .content(project, picture.path("sha256").asText());
            narrator.tell(
                    switch (plan.task()) {
                        case CLASSIFICATION -> classify(project, version, picture, content);
                        case ANOMALY_DETECTION -> detect(project, version, picture, content, folder);
                    });
        }
        return pictures.size();
    }

    /** A few, in turn from each kind that there is. */
    private static List<JsonNode> some(List<JsonNode> pictures) {
        Map<String, List<JsonNode>> kinds = new LinkedHashMap<>();
        pictures.forEach(picture ->
                kinds.computeIfAbsent(kind(picture), kind -> new ArrayList<>()).add(picture));
        List<JsonNode> some = new ArrayList<>();
        for (int round = 0; some.size() < Math.min(SHOWN, pictures.size()); round++) {
            for (List<JsonNode> kind : kinds.values()) {
                if (round < kind.size() && some.size() < SHOWN) {
                    some.add(kind.get(round));
                }
            }
        }
        return some;
    }

    /** What a picture shows by the folder it came from, which tells one defect from another, else by its label. */
    private static String kind(JsonNode picture) {
        Path name = Path.of(picture.path("name").asText("?"));
        return name.getParent() == null
                ? picture.path("label").asText("?")
                : name.getParent().getFileName().toString();
    }

    private String classify(String project, int version, JsonNode picture, byte[] content) {
        ClassifyResponse answer = made(
                () -> connection.predictions().classify(project, "", content),
                response -> response.getProvenance().getVersion() == version);
        String truth = picture.path("label").asText();
        return String.format(
                Locale.ROOT,
                "%-4s %-12s is %-12s probability %.3f  %s",
                answer.getLabel().equals(truth) ? "ok" : "NO",
                truth,
                answer.getLabel(),
                answer.getScore(),
                picture.path("name").asText());
    }

    private String detect(String project, int version, JsonNode picture, byte[] content, Path folder) {
        DetectAnomalyResponse answer = made(
                () -> connection.predictions().detectAnomaly(project, "", content, true),
                response -> response.getProvenance().getVersion() == version);
        boolean abnormal = picture.path("label").asText().equalsIgnoreCase("abnormal");
        return String.format(
                Locale.ROOT,
                "%-4s %-10s is %-9s score %.3f (threshold %.3f)%s",
                answer.getAnomalous() == abnormal ? "ok" : "NO",
                kind(picture),
                answer.getAnomalous() ? "abnormal" : "normal",
                answer.getAnomalyScore(),
                answer.getThreshold(),
                answer.getAnomalous() ? "  " + writeHeatmap(picture, answer, content, folder) : "");
    }

    /** The heat map beside the picture that it was made of. */
    private static Path writeHeatmap(JsonNode picture, DetectAnomalyResponse answer, byte[] content, Path folder) {
        Path name = Path.of(picture.path("name").asText()).getFileName();
        String file = name.toString();
        String stem = file.contains(".") ? file.substring(0, file.lastIndexOf('.')) : file;
        try {
            Files.createDirectories(folder);
            Files.write(folder.resolve(file), content);
            return Files.write(
                    folder.resolve(stem + "-heatmap.png"),
                    answer.getHeatmapPng().toByteArray());
        } catch (IOException failed) {
            throw new CommandException("can't write to " + folder + ": " + failed.getMessage(), failed);
        }
    }

    /** The news of the promotion takes a moment to arrive: until then there is no answer, or another version's. */
    private static <T> T made(CheckedSupplier<T> call, CheckedPredicate<T> byTheVersion) {
        RetryPolicy<T> untilPromoted = RetryPolicy.<T>builder()
                .handleResultIf(response -> !byTheVersion.test(response))
                .handle(CommandException.class)
                .withDelay(Duration.ofMillis(100))
                .withMaxAttempts(-1)
                .withMaxDuration(Duration.ofSeconds(15))
                .build();
        return Failsafe.with(untilPromoted).get(call);
    }
}
