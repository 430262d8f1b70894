package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.loupe.cli.CommandException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** inference-service over HTTP: model versions and the aliases that point at them. Thread-safe. */
public final class Models {
    private static final Duration READY_PATIENCE = Duration.ofSeconds(90);

    private final Http http;
    private final URI base;

    Models(Http http, URI base) {
        this.http = http;
        this.base = base;
    }

    public List<JsonNode> models() {
        return http.items(Http.address(base, "/api/v1/models"), 10_000);
    }

    public List<JsonNode> versions(String project) {
        return http.items(model(project, "/versions"), 10_000);
    }

    public List<JsonNode> aliases(String project) {
        return http.items(model(project, "/aliases"), 1_000);
    }

    /** Every move of an alias, newest first. */
    public List<JsonNode> history(String project, String alias, int most) {
        return http.items(alias(project, alias, "/history"), most);
    }

    /**
     * Copies a version's package into a folder.
     *
     * @return the files, the manifest first; what the folder had under these names is replaced
     * @throws CommandException when a file is not the one that the manifest names
     */
    public List<Path> download(String project, int version, Path folder) {
        JsonNode manifest = manifest(project, version);
        List<Path> files = new ArrayList<>();
        files.add(folder.resolve("manifest.json"));
        http.download(packaged(project, version, "manifest.json"), files.getFirst());
        manifest.path("files").properties().forEach(file -> {
            Path copy = folder.resolve(file.getKey());
            String expected = file.getValue().path("sha256").asText();
            String sha256 = http.download(packaged(project, version, file.getKey()), copy);
            if (!sha256.equals(expected)) {
                throw new CommandException(
                        copy + ": expected the sha256 " + expected + " that the manifest names, got " + sha256);
            }
            files.add(copy);
        });
        return files;
    }

    /** The manifest of a version's package. */
    public JsonNode manifest(String project, int version) {
        return http.get(packaged(project, version, "manifest.json"));
    }

    /** What the trainer's model said of each TEST image: its score by the image's sha256. */
    public Map<String, Double> testPredictions(String project, int version) {
        Map<String, Double> scores = new TreeMap<>();
        http.get(packaged(project, version, "test-predictions.json"))
                .properties()
                .forEach(image -> scores.put(
                        image.getKey(), image.getValue().path("score").asDouble()));
        return scores;
    }

    /**
     * Waits for the version that a run made to be ready to answer: the news of it, its files and its check take a
     * moment.
     *
     * @throws CommandException when the replica can't serve it, or it does not come
     */
    public JsonNode awaitReady(String project, String runId) {
        RetryPolicy<Optional<JsonNode>> untilReady = RetryPolicy.<Optional<JsonNode>>builder()
                .handleResultIf(version -> version.isEmpty()
                        || Set.of("LOADING", "UNLOADED")
                                .contains(version.get().path("state").asText()))
                .handleIf(failure -> failure instanceof ProblemException problem && problem.status() == 404)
                .withDelay(Duration.ofMillis(100))
                .withMaxAttempts(-1)
                .withMaxDuration(READY_PATIENCE)
                .build();
        Optional<JsonNode> version;
        try {
            version = Failsafe.with(untilReady).get(() -> versionOf(project, runId));
        } catch (FailsafeException interrupted) {
            throw new CommandException("interrupted while the model loaded", interrupted);
        }
        JsonNode made = version.orElseThrow(() -> new CommandException("inference-service did not hear of the model of "
                + "run " + runId + " within " + READY_PATIENCE.toSeconds() + " s; its log may say why"));
        if (!made.path("state").asText().equals("READY")) {
            throw new CommandException("version " + made.path("number").asInt() + " of '" + project + "' is "
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
     * @param force despite the gates
     */
    public JsonNode promote(String project, String alias, int version, boolean force, String reason) {
        ObjectNode body = Json.object().put("version", version);
        generation(project, alias).ifPresent(generation -> body.put("expectedGeneration", generation));
        if (force) {
            body.put("force", true);
        }
        if (reason != null) {
            body.put("reason", reason);
        }
        return http.put(alias(project, alias, ""), body);
    }

    /** Points an alias back at the version that it named before. */
    public JsonNode rollback(String project, String alias) {
        ObjectNode body = Json.object();
        generation(project, alias).ifPresent(generation -> body.put("expectedGeneration", generation));
        return http.post(alias(project, alias, "/rollback"), body);
    }

    private Optional<Long> generation(String project, String alias) {
        try {
            return Optional.of(
                    http.get(alias(project, alias, "")).path("generation").asLong());
        } catch (ProblemException problem) {
            if (problem.status() == 404 && problem.code().equals("ALIAS_NOT_FOUND")) {
                return Optional.empty();
            }
            throw problem;
        }
    }

    private URI alias(String project, String alias, String rest) {
        return model(project, "/aliases/" + Http.encode(alias) + rest);
    }

    private URI packaged(String project, int version, String file) {
        return model(project, "/versions/" + version + "/package/" + file);
    }

    private URI model(String project, String rest) {
        return Http.address(base, "/api/v1/models/" + Http.encode(project) + rest);
    }
}
