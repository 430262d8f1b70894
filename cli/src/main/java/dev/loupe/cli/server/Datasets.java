package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.contracts.Task;
import java.io.FileNotFoundException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** dataset-service: projects, images, dataset versions. A project is given by its name or id. Thread-safe. */
public final class Datasets {
    private final Http http;
    private final URI base;

    Datasets(Http http, URI base) {
        this.http = http;
        this.base = base;
    }

    public JsonNode createProject(String name, Task task, String itemKind) {
        ObjectNode body = Json.object().put("name", name).put("task", task.name());
        if (itemKind != null) {
            body.put("itemKind", itemKind);
        }
        return http.post(Http.address(base, "/api/v1/projects"), body);
    }

    public List<JsonNode> projects() {
        return http.items(Http.address(base, "/api/v1/projects"), 10_000);
    }

    /** With its counts. */
    public JsonNode project(String project) {
        return http.get(project(project, ""));
    }

    /**
     * Sends a zip file, or a folder as one.
     *
     * @return the import report
     * @throws dev.loupe.cli.CommandException when there is no such file
     */
    public JsonNode importImages(String project, Path source) {
        return http.upload(project(project, "/imports"), "application/zip", body(source));
    }

    private static BodyPublisher body(Path source) {
        if (Files.isDirectory(source)) {
            return BodyPublishers.ofInputStream(() -> FolderZip.stream(source));
        }
        try {
            return BodyPublishers.ofFile(source);
        } catch (FileNotFoundException absent) {
            throw new dev.loupe.cli.CommandException(source + ": there is no such folder or zip file", absent);
        }
    }

    /** Freezes what is there into a dataset version. */
    public JsonNode freeze(String project, Long seed, String note) {
        ObjectNode body = Json.object();
        if (seed != null) {
            body.put("seed", seed);
        }
        if (note != null) {
            body.put("note", note);
        }
        return http.post(project(project, "/versions"), body);
    }

    /** Images of one split. */
    public List<JsonNode> images(String project, String split, int most) {
        return http.items(Http.address(base, path(project, "/images"), "split", split), most);
    }

    /** The image as it was uploaded. */
    public byte[] content(String project, String sha256) {
        return http.bytes(project(project, "/images/" + sha256 + "/content"));
    }

    private URI project(String project, String rest) {
        return Http.address(base, path(project, rest));
    }

    private static String path(String project, String rest) {
        return "/api/v1/projects/" + Http.encode(project) + rest;
    }
}
