package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.CommandException;
import dev.loupe.contracts.recipe.CatalogueEntry;
import dev.loupe.contracts.recipe.RecipeCatalogue;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** training-service: runs and backbones. Thread-safe. */
public final class Training {
    private static final Set<String> FINAL_STATES = Set.of("SUCCEEDED", "FAILED", "CANCELLED");
    private static final int RECONNECTS = 30;

    private final Http http;
    private final URI base;

    Training(Http http, URI base) {
        this.http = http;
        this.base = base;
    }

    /** @return the run, as it was queued */
    public JsonNode start(RunRequest request) {
        return http.post(Http.address(base, "/api/v1/runs"), request.json());
    }

    /** The recipes of the server. */
    public RecipeCatalogue recipes() {
        JsonNode items = http.get(Http.address(base, "/api/v1/recipes")).path("items");
        return new RecipeCatalogue(List.of(Json.as(items, CatalogueEntry[].class)));
    }

    public List<JsonNode> quotas() {
        List<JsonNode> quotas = new ArrayList<>();
        http.get(Http.address(base, "/api/v1/quotas")).path("items").forEach(quotas::add);
        return quotas;
    }

    /** Null is without a limit. */
    public JsonNode setQuota(String project, Integer maxRuns, Integer maxGpus, double weight) {
        ObjectNode body = Json.object().put("weight", weight);
        body.put("maxRuns", maxRuns);
        body.put("maxGpus", maxGpus);
        return http.put(Http.address(base, "/api/v1/quotas/" + Http.encode(project)), body);
    }

    public JsonNode run(String id) {
        return http.get(Http.address(base, "/api/v1/runs/" + Http.encode(id)));
    }

    /** Runs side by side, and whether their metrics are comparable. */
    public JsonNode compare(List<String> ids) {
        return http.get(Http.address(base, "/api/v1/runs/compare", "ids", String.join(",", ids)));
    }

    /** The attempts at a run, and how each ended. */
    public List<JsonNode> attempts(String id) {
        List<JsonNode> attempts = new ArrayList<>();
        http.get(Http.address(base, "/api/v1/runs/" + Http.encode(id) + "/attempts"))
                .path("items")
                .forEach(attempts::add);
        return attempts;
    }

    /** Newest first; project and state may be null. */
    public List<JsonNode> runs(String project, String state, int most) {
        return http.items(Http.address(base, "/api/v1/runs", "project", project, "state", state), most);
    }

    public JsonNode cancel(String id) {
        return http.post(Http.address(base, "/api/v1/runs/" + Http.encode(id) + "/cancel"), Json.object());
    }

    /** Whether a run in this state is over. */
    public static boolean isFinal(JsonNode run) {
        return FINAL_STATES.contains(run.path("state").asText());
    }

    /**
     * Tells each change of a run, and returns it when it is over. A lost connection is made again.
     *
     * @throws CommandException when the service stays away
     */
    public JsonNode follow(String id, Consumer<JsonNode> changes) {
        URI events = Http.address(base, "/api/v1/runs/" + Http.encode(id) + "/events");
        for (int connection = 0; connection < RECONNECTS; connection++) {
            try (InputStream stream = http.stream(events, "text/event-stream")) {
                JsonNode last = readEvents(stream, changes);
                if (last != null && isFinal(last)) {
                    return last;
                }
            } catch (IOException lost) {
                // The run itself says how it stands.
            }
            JsonNode run = run(id);
            changes.accept(run);
            if (isFinal(run)) {
                return run;
            }
        }
        throw new CommandException(
                "run " + id + ": the connection was lost again and again; see how it stands with " + "./loupe runs");
    }

    private static JsonNode readEvents(InputStream stream, Consumer<JsonNode> changes) throws IOException {
        BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
        StringBuilder data = new StringBuilder();
        JsonNode last = null;
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.startsWith("data:")) {
                data.append(line.substring("data:".length()).strip());
            } else if (line.isEmpty() && !data.isEmpty()) {
                last = Json.read(data.toString());
                data.setLength(0);
                changes.accept(last);
            }
        }
        return last;
    }

    /** The trainer's log so far, or until the run is over. The caller closes it. */
    public InputStream logs(String id, boolean follow) {
        return http.stream(
                Http.address(base, "/api/v1/runs/" + Http.encode(id) + "/logs", "follow", Boolean.toString(follow)),
                "text/plain");
    }

    public List<JsonNode> backbones() {
        return http.items(Http.address(base, "/api/v1/backbones"), 1_000);
    }

    /**
     * @param file an ONNX network
     * @param name it gets
     * @param input how its input is prepared
     */
    public JsonNode importBackbone(Path file, String name, BackboneInput input) {
        URI address = Http.address(
                base,
                "/api/v1/backbones",
                "name",
                name,
                "scale",
                Double.toString(input.scale()),
                "mean",
                input.mean(),
                "std",
                input.std());
        try {
            return http.upload(address, "application/octet-stream", BodyPublishers.ofFile(file));
        } catch (FileNotFoundException absent) {
            throw new CommandException(file + ": there is no such file", absent);
        }
    }
}
