package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.client.ServiceClient;
import dev.loupe.client.inference.PredictionLogApi;
import dev.loupe.client.inference.model.PredictionInterval;
import dev.loupe.client.inference.model.PredictionLogSettings;
import dev.loupe.client.inference.model.PredictionOutcome;
import dev.loupe.client.inference.model.ReviewKind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** The prediction logs of projects, over HTTP. Thread-safe. */
public final class PredictionLog {
    private final ServiceClient service;
    private final PredictionLogApi log;
    private final String actor;

    /** Which predictions are listed; null: any. */
    public record Filter(
            Integer version, String label, String product, Double minScore, Double maxScore, String from, String to) {}

    /** @param actor who makes the requests; null: the server's default */
    PredictionLog(ServiceClient service, String actor) {
        this.service = service;
        this.log = new PredictionLogApi(service);
        this.actor = actor;
    }

    /** Which predictions of a project are logged, with the revision. */
    public JsonNode settings(String project) {
        return service.tree(() -> log.predictionLog(project));
    }

    /** Replaces the settings of a project, which must be at this revision. */
    public JsonNode replaceSettings(String project, JsonNode settings, long revision) {
        PredictionLogSettings replacement = Json.as(settings, PredictionLogSettings.class);
        return service.tree(() -> log.replacePredictionLog(project, replacement, String.valueOf(revision), actor));
    }

    /** Logged predictions, newest first. */
    public List<JsonNode> list(String project, Filter filter, int most) {
        return Pages.items(
                service,
                most,
                (cursor, limit) -> log.loggedPredictions(
                        project,
                        cursor,
                        filter.from(),
                        filter.label(),
                        limit,
                        filter.maxScore(),
                        filter.minScore(),
                        filter.product(),
                        filter.to(),
                        filter.version()));
    }

    public JsonNode get(String project, String prediction) {
        return service.tree(() -> log.loggedPrediction(prediction, project));
    }

    /** Numbers of logged predictions over time, by version and label. */
    public JsonNode counts(String project, PredictionInterval interval, String from, String to) {
        return service.tree(() -> log.predictionCounts(project, from, interval, to));
    }

    /** Reports the truth about a prediction. */
    public JsonNode report(String project, String prediction, String label) {
        PredictionOutcome outcome = new PredictionOutcome().label(label);
        return service.tree(() -> log.reportOutcome(prediction, project, outcome, actor));
    }

    /** How right the predictions with an outcome were; all versions for null. */
    public JsonNode metrics(String project, Integer version, String from, String to) {
        return service.tree(() -> log.liveMetrics(project, from, to, version));
    }

    /** Whether the predictions of a version have drifted. */
    public JsonNode drift(String project, int version) {
        return service.tree(() -> log.drift(version, project));
    }

    /** Forgets the reference of a version; its next predictions become the reference. */
    public void resetDrift(String project, int version) {
        service.call(() -> {
            log.resetDrift(version, project, actor);
            return null;
        });
    }

    /** Predictions without an outcome that a person should look at. */
    public List<JsonNode> reviewQueue(String project, ReviewKind kind, Integer version, int most) {
        List<JsonNode> items = new ArrayList<>();
        service.tree(() -> log.reviewQueue(project, null, kind, most, version, null))
                .path("items")
                .forEach(items::add);
        return items;
    }

    /** The image of a prediction. */
    public byte[] image(String project, String prediction) {
        AtomicReference<byte[]> image = new AtomicReference<>();
        PredictionLogApi reading = new PredictionLogApi(service.receiving(body -> image.set(body.readAllBytes())));
        service.call(() -> reading.predictionImage(prediction, project));
        return image.get();
    }

    /** Takes a prediction out of the review queue without an outcome. */
    public void dismissReview(String project, String prediction) {
        service.call(() -> {
            log.dismissReview(prediction, project);
            return null;
        });
    }
}
