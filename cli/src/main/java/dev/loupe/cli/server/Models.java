package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.loupe.cli.Sha256;
import dev.loupe.client.BodyReader;
import dev.loupe.client.ClientException;
import dev.loupe.client.ProblemException;
import dev.loupe.client.ServiceClient;
import dev.loupe.client.inference.AliasesApi;
import dev.loupe.client.inference.ModelsApi;
import dev.loupe.client.inference.OpenInferenceProtocolApi;
import dev.loupe.client.inference.PoliciesApi;
import dev.loupe.client.inference.PromotionsApi;
import dev.loupe.client.inference.ThresholdsApi;
import dev.loupe.client.inference.model.ApprovalState;
import dev.loupe.client.inference.model.MemoryRequest;
import dev.loupe.client.inference.model.NewPromotionRequest;
import dev.loupe.client.inference.model.PromotionDecision;
import dev.loupe.client.inference.model.PromotionPolicy;
import dev.loupe.client.inference.model.PromotionRequest;
import dev.loupe.client.inference.model.RollbackRequest;
import dev.loupe.client.inference.model.ScoreList;
import dev.loupe.client.inference.model.ThresholdRequest;
import dev.loupe.client.inference.model.VersionChange;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

/** inference-service over HTTP: model versions and the aliases that point at them. Thread-safe. */
public final class Models {
    /** Code of the error of a promotion that the gate cannot decide. */
    public static final String NOT_COMPARABLE = "GATE_NOT_COMPARABLE";

    /** Code of the error of a promotion that another person has to approve. */
    public static final String APPROVAL_REQUIRED = "APPROVAL_REQUIRED";

    private static final Duration READY_TIMEOUT = Duration.ofSeconds(90);

    private final ServiceClient service;
    private final ModelsApi models;
    private final AliasesApi aliases;
    private final ThresholdsApi thresholds;
    private final PoliciesApi policies;
    private final PromotionsApi promotions;
    private final String actor;
    private final OpenInferenceProtocolApi protocol;

    /** @param actor who makes the requests; null: the server's default */
    Models(ServiceClient service, String actor) {
        this.service = service;
        this.models = new ModelsApi(service);
        this.aliases = new AliasesApi(service);
        this.thresholds = new ThresholdsApi(service);
        this.policies = new PoliciesApi(service);
        this.promotions = new PromotionsApi(service);
        this.actor = actor;
        this.protocol = new OpenInferenceProtocolApi(service);
    }

    public List<JsonNode> models() {
        return Pages.items(service, 10_000, models::callList);
    }

    public List<JsonNode> versions(String project) {
        return Pages.items(service, 10_000, (cursor, limit) -> models.versions(project, cursor, limit));
    }

    public List<JsonNode> aliases(String project) {
        return Pages.items(service, 1_000, (cursor, limit) -> aliases.callList(project, cursor, limit));
    }

    /** Deletes a version that no alias needs. */
    public void delete(String project, int version) {
        service.call(() -> {
            models.delete(version, project, actor);
            return null;
        });
    }

    /**
     * Changes what people say of a version.
     *
     * @param change fields to change, see the API document
     */
    public JsonNode describe(String project, int version, VersionChange change) {
        return service.tree(() -> models.describeVersion(version, project, change, null, actor));
    }

    /** A version with its state in the replica that answers. */
    public JsonNode version(String project, int number) {
        return service.tree(() -> models.version(number, project));
    }

    /**
     * Adds tags to a version and removes others, which another change in the meantime prevents.
     *
     * @return the version
     */
    public JsonNode tag(String project, int version, List<String> added, List<String> removed) {
        JsonNode current = version(project, version);
        Set<String> tags = new TreeSet<>(added);
        current.path("tags").forEach(tag -> tags.add(tag.asText()));
        removed.forEach(tags::remove);
        VersionChange change = new VersionChange().tags(List.copyOf(tags));
        String revision = String.valueOf(current.path("revision").asLong());
        return service.tree(() -> models.describeVersion(version, project, change, revision, actor));
    }

    /** How a version does with 8-bit integers. */
    public JsonNode quantization(String project, int version) {
        return service.tree(() -> models.quantization(version, project));
    }

    /** Loads a version into memory; empty for {@code production}. */
    public void load(String model, String version) {
        service.call(() -> {
            protocol.load(model, actor, memory(version));
            return null;
        });
    }

    /** Removes a version from memory; the next prediction loads it again. */
    public void unload(String model, String version) {
        service.call(() -> {
            protocol.unload(model, memory(version));
            return null;
        });
    }

    /** Keeps a version in the memory of each replica, or no longer; returns the version. */
    public JsonNode pin(String project, int version, boolean pinned) {
        return service.tree(() ->
                pinned ? models.pinVersion(version, project, actor) : models.unpinVersion(version, project, actor));
    }

    private static MemoryRequest memory(String version) {
        return new MemoryRequest().parameters(version.isEmpty() ? Map.of() : Map.of("version", version));
    }

    /** What the versions of a model have predicted in the replica that answers; null for all models. */
    public List<JsonNode> statistics(String model) {
        JsonNode statistics = service.tree(() -> model == null ? protocol.all() : protocol.statistics(model));
        List<JsonNode> versions = new ArrayList<>();
        statistics.path("model_stats").forEach(versions::add);
        return versions;
    }

    /** Every move of an alias, newest first. */
    public List<JsonNode> history(String project, String alias, int most) {
        return Pages.items(service, most, (cursor, limit) -> aliases.history(alias, project, cursor, limit));
    }

    /**
     * Copies a version's package into a folder.
     *
     * @return the files, the manifest first; files of these names are replaced
     * @throws ClientException when a file is not the one that the manifest names
     */
    public List<Path> download(String project, int version, Path folder) {
        JsonNode manifest = manifest(project, version);
        List<Path> files = new ArrayList<>();
        files.add(folder.resolve("manifest.json"));
        download(project, version, "manifest.json", files.getFirst());
        manifest.path("files").properties().forEach(file -> {
            Path copy = folder.resolve(file.getKey());
            String expected = file.getValue().path("sha256").asText();
            String sha256 = download(project, version, file.getKey(), copy);
            if (!sha256.equals(expected)) {
                throw new ClientException(
                        copy + ": expected the sha256 " + expected + " that the manifest names, got " + sha256);
            }
            files.add(copy);
        });
        return files;
    }

    /** Returns the sha256 of the file. */
    private String download(String project, int version, String name, Path copy) {
        AtomicReference<String> sha256 = new AtomicReference<>();
        packaged(project, version, name, body -> {
            Files.createDirectories(copy.toAbsolutePath().getParent());
            try (OutputStream out = Files.newOutputStream(copy)) {
                sha256.set(Sha256.ofCopy(body, out));
            }
        });
        return sha256.get();
    }

    private void packaged(String project, int version, String name, BodyReader reader) {
        ModelsApi reading = new ModelsApi(service.receiving(reader));
        try {
            service.call(() -> reading.callFile(name, version, project));
        } catch (UncheckedIOException failed) {
            throw new ClientException(name + ": can't be copied: " + failed.getMessage(), failed);
        }
    }

    private JsonNode packaged(String project, int version, String name) {
        AtomicReference<JsonNode> content = new AtomicReference<>();
        packaged(
                project,
                version,
                name,
                body -> content.set(Json.read(new String(body.readAllBytes(), StandardCharsets.UTF_8))));
        return content.get();
    }

    /** The manifest of a version's package. */
    public JsonNode manifest(String project, int version) {
        return packaged(project, version, "manifest.json");
    }

    /** Predictions of the trainer's evaluation for the TEST images: score by the sha256 of the image. */
    public Map<String, Double> testPredictions(String project, int version) {
        Map<String, Double> scores = new TreeMap<>();
        packaged(project, version, "test-predictions.json")
                .properties()
                .forEach(image -> scores.put(
                        image.getKey(), image.getValue().path("score").asDouble()));
        return scores;
    }

    /**
     * Waits until the version that a run produced is ready to serve: the event, the download and the parity check take
     * a moment.
     *
     * @throws ClientException when the replica can't serve it, or it does not come
     */
    public JsonNode awaitReady(String project, String runId) {
        RetryPolicy<Optional<JsonNode>> untilReady = RetryPolicy.<Optional<JsonNode>>builder()
                .handleResultIf(version -> version.isEmpty()
                        || Set.of("LOADING", "UNLOADED")
                                .contains(version.get().path("state").asText()))
                .handleIf(failure -> failure instanceof ProblemException problem && problem.status() == 404)
                .withDelay(Duration.ofMillis(100))
                .withMaxAttempts(-1)
                .withMaxDuration(READY_TIMEOUT)
                .build();
        Optional<JsonNode> version;
        try {
            version = Failsafe.with(untilReady).get(() -> versionOf(project, runId));
        } catch (FailsafeException interrupted) {
            throw new ClientException("interrupted while the model loaded", interrupted);
        }
        JsonNode made = version.orElseThrow(() -> new ClientException("inference-service has no version of run " + runId
                + " after " + READY_TIMEOUT.toSeconds() + " s; see its log"));
        if (!made.path("state").asText().equals("READY")) {
            throw new ClientException("version " + made.path("number").asInt() + " of '" + project + "' is "
                    + made.path("state").asText() + ": " + made.path("reason").asText("no reason given"));
        }
        return made;
    }

    private Optional<JsonNode> versionOf(String project, String runId) {
        return versions(project).stream()
                .filter(version -> version.path("runId").asText().equals(runId))
                .findFirst();
    }

    /**
     * Points an alias at a version. When another moved it meanwhile, the service refuses.
     *
     * @param force although checks do not pass
     */
    public JsonNode promote(String project, String alias, int version, boolean force, String reason) {
        return promote(project, alias, request(project, alias, version, force, reason), false);
    }

    /** The move that {@link #promote} would make, with the outcome of its checks; nothing is moved. */
    public JsonNode dryRun(String project, String alias, int version) {
        return promote(project, alias, request(project, alias, version, false, null), true);
    }

    private JsonNode promote(String project, String alias, PromotionRequest request, boolean dryRun) {
        return service.tree(() -> aliases.promote(alias, project, request, dryRun ? true : null, null, actor));
    }

    private PromotionRequest request(String project, String alias, int version, boolean force, String reason) {
        return new PromotionRequest()
                .version(version)
                .expectedGeneration(generation(project, alias))
                .force(force ? true : null)
                .reason(reason);
    }

    /** Requests a promotion that another person approves. */
    public JsonNode requestPromotion(String project, String alias, int version, boolean force, String reason) {
        NewPromotionRequest request = new NewPromotionRequest()
                .alias(alias)
                .version(version)
                .expectedGeneration(generation(project, alias))
                .force(force ? true : null)
                .reason(reason);
        String key = UUID.randomUUID().toString();
        return service.tree(() -> promotions.requestPromotion(project, request, key, actor));
    }

    /**
     * Promotions that were requested, newest first.
     *
     * @param state only those in this state, null for all
     */
    public List<JsonNode> promotionRequests(String project, ApprovalState state) {
        return Pages.items(
                service, 1_000, (cursor, limit) -> promotions.promotionRequests(project, cursor, limit, state));
    }

    public JsonNode approve(String project, int number, String comment) {
        PromotionDecision decision = new PromotionDecision().comment(comment);
        return service.tree(() -> promotions.approvePromotion(number, project, decision, actor));
    }

    public JsonNode reject(String project, int number, String comment) {
        PromotionDecision decision = new PromotionDecision().comment(comment);
        return service.tree(() -> promotions.rejectPromotion(number, project, decision, actor));
    }

    /** The promotion policy of a project, with its revision. */
    public JsonNode policy(String project) {
        return service.tree(() -> policies.promotionPolicy(project));
    }

    /** Replaces the promotion policy of a project, which must be at this revision. */
    public JsonNode replacePolicy(String project, JsonNode policy, long revision) {
        PromotionPolicy replacement = Json.as(policy, PromotionPolicy.class);
        return service.tree(
                () -> policies.replacePromotionPolicy(project, replacement, String.valueOf(revision), actor));
    }

    /** As {@link #promote}, retried until the evaluation that the gate needs has reached the server. */
    public JsonNode promoteEvaluated(String project, String alias, int version, String reason) {
        RetryPolicy<JsonNode> untilKnown = RetryPolicy.<JsonNode>builder()
                .handleIf(failure -> failure instanceof ProblemException problem
                        && problem.code().equals(NOT_COMPARABLE))
                .withDelay(Duration.ofMillis(200))
                .withMaxDuration(READY_TIMEOUT)
                .withMaxRetries(-1)
                .build();
        return Failsafe.with(untilKnown).get(() -> promote(project, alias, version, false, reason));
    }

    /** Points an alias back at the version that it named before. */
    public JsonNode rollback(String project, String alias) {
        return rollback(project, alias, null, null);
    }

    /**
     * Points an alias back at an earlier version.
     *
     * @param version the version, null for the one before
     */
    public JsonNode rollback(String project, String alias, Integer version, String reason) {
        RollbackRequest request = new RollbackRequest()
                .expectedGeneration(generation(project, alias))
                .version(version)
                .reason(reason);
        String key = UUID.randomUUID().toString();
        return service.tree(() -> aliases.rollback(alias, project, request, key, null, actor));
    }

    /** The threshold versions of a detector, newest first. */
    public List<JsonNode> thresholds(String project, int version) {
        return Pages.items(service, 1_000, (cursor, limit) -> thresholds.callList(version, project, cursor, limit));
    }

    /** Chooses a threshold without saving it. */
    public JsonNode previewThreshold(String project, int version, ThresholdRequest request) {
        return service.tree(() -> thresholds.set(version, project, request, true, actor));
    }

    /** Adds a threshold version, with which the detector decides from then on. */
    public JsonNode setThreshold(String project, int version, ThresholdRequest request) {
        return service.tree(() -> thresholds.set(version, project, request, false, actor));
    }

    /** Decides scores again, with a threshold version. */
    public JsonNode reEvaluate(String project, int version, int threshold, List<Double> scores) {
        return service.tree(() -> thresholds.reEvaluate(version, project, threshold, new ScoreList().scores(scores)));
    }

    /** Null where there is no such alias yet. */
    private Long generation(String project, String alias) {
        try {
            return service.tree(() -> aliases.get(alias, project))
                    .path("generation")
                    .asLong();
        } catch (ProblemException problem) {
            if (problem.status() == 404 && problem.code().equals("ALIAS_NOT_FOUND")) {
                return null;
            }
            throw problem;
        }
    }
}
