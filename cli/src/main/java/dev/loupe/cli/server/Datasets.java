package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import dev.loupe.cli.CommandException;
import dev.loupe.contracts.Task;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** dataset-service: projects, images, dataset versions. A project is given by its name or id. Thread-safe. */
public final class Datasets {
    private static final Duration POLL = Duration.ofMillis(500);

    private final Http http;
    private final URI base;
    private final RetryPolicy<Object> whileRestarting = RetryPolicy.builder()
            .handleIf(failure -> failure instanceof ProblemException problem
                    ? problem.retryable()
                    : failure instanceof CommandException && failure.getCause() instanceof IOException)
            .withDelay(Duration.ofSeconds(1))
            .withMaxAttempts(60)
            .build();

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

    /** Its former name goes on leading to it. */
    public JsonNode renameProject(String project, String name) {
        return http.patch(project(project, ""), Json.object().put("name", name));
    }

    /** With its images, versions, runs and models. */
    public void deleteProject(String project, String name) {
        http.delete(Http.address(base, path(project, ""), "confirm", name));
    }

    /** With its counts. */
    public JsonNode project(String project) {
        return http.get(project(project, ""));
    }

    /**
     * Uploads a zip file, or a folder as one. The service imports it in the background.
     *
     * @param label label of all images, null if the folders determine it
     * @param relabel whether labels and splits replace the stored ones
     * @return the import
     * @throws CommandException if there is no such file
     */
    public JsonNode startImport(String project, Path source, String label, boolean relabel) {
        URI address = Http.address(base, path(project, "/imports"), "label", label, "relabel", relabel ? "true" : null);
        return http.upload(address, "application/zip", body(source));
    }

    /** Uploads a zip file or a folder, and returns what an import of it would do. */
    public JsonNode inspectImport(String project, Path source, String label) {
        URI address = Http.address(base, path(project, "/imports/inspections"), "label", label);
        return http.upload(address, "application/zip", body(source));
    }

    /**
     * Reports each state of an import, and returns it when it has ended. Waits while the service restarts.
     *
     * @throws CommandException if the service stays away
     */
    public JsonNode followImport(String project, String id, Consumer<JsonNode> changes) {
        return Failsafe.with(whileRestarting).get(() -> {
            while (true) {
                JsonNode status = importStatus(project, id);
                changes.accept(status);
                if (Training.isFinal(status)) {
                    return status;
                }
                Thread.sleep(POLL);
            }
        });
    }

    /**
     * Imports a zip file or a folder, as the folders say, and waits for the end.
     *
     * @return the report of the import
     * @throws CommandException if it does not succeed
     */
    public JsonNode importImages(String project, Path source, Consumer<JsonNode> changes) {
        String id = startImport(project, source, null, false).path("id").asText();
        JsonNode ended = followImport(project, id, changes);
        if (!ended.path("state").asText().equals("SUCCEEDED")) {
            throw new CommandException(
                    "import " + id + " " + ended.path("state").asText() + ": "
                            + ended.at("/reason/message").asText("no reason given"));
        }
        return ended.path("report");
    }

    public JsonNode importImages(String project, Path source) {
        return importImages(project, source, _ -> {});
    }

    /** Imports, the newest first. */
    public List<JsonNode> imports(String project, int most) {
        return http.items(project(project, "/imports"), most);
    }

    public JsonNode importStatus(String project, String id) {
        return http.get(project(project, "/imports/" + Http.encode(id)));
    }

    /**
     * Files of an import.
     *
     * @param kind {@code refusals}, {@code conflicts} or {@code ignored}
     */
    public List<JsonNode> importFiles(String project, String id, String kind, int most) {
        return http.items(project(project, "/imports/" + Http.encode(id) + "/" + kind), most);
    }

    public JsonNode cancelImport(String project, String id) {
        return http.post(project(project, "/imports/" + Http.encode(id) + "/cancel"), Json.object());
    }

    private static BodyPublisher body(Path source) {
        if (Files.isDirectory(source)) {
            return BodyPublishers.ofInputStream(() -> FolderZip.stream(source));
        }
        try {
            return BodyPublishers.ofFile(source);
        } catch (FileNotFoundException absent) {
            throw new CommandException(source + ": there is no such folder or zip file", absent);
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

    /** Dataset versions, by number. */
    public List<JsonNode> versions(String project) {
        return http.items(project(project, "/versions"), 10_000);
    }

    /**
     * Which images; what is null or false does not matter.
     *
     * @param text part of the file name, or start of the digest
     */
    public record ImageFilter(String label, boolean unlabelled, String defect, String split, String text) {

        public static ImageFilter ofText(String text) {
            return new ImageFilter(null, false, null, null, text);
        }
    }

    /** Images by digest. */
    public List<JsonNode> images(String project, ImageFilter filter, int most) {
        return http.items(
                Http.address(
                        base,
                        path(project, "/images"),
                        "label",
                        filter.label(),
                        "unlabelled",
                        filter.unlabelled() ? "true" : null,
                        "defect",
                        filter.defect(),
                        "split",
                        filter.split(),
                        "text",
                        filter.text()),
                most);
    }

    /**
     * Changes up to 1,000 images, all or none.
     *
     * @param change {@code label}, {@code defect}, {@code split}
     */
    public JsonNode changeImages(String project, List<String> digests, ObjectNode change) {
        ObjectNode body = change.deepCopy();
        body.set("images", Json.of(digests));
        return http.patch(project(project, "/images"), body);
    }

    /** Deletes up to 1,000 images. */
    public JsonNode deleteImages(String project, List<String> digests) {
        ObjectNode body = Json.object();
        body.set("images", Json.of(digests));
        return http.post(project(project, "/images/deletions"), body);
    }

    /** The images of a dataset version that are in this split. */
    public List<JsonNode> images(String project, int version, String split) {
        List<JsonNode> images = new ArrayList<>();
        http.get(project(project, "/versions/" + version + "/manifest"))
                .path("images")
                .forEach(image -> {
                    if (image.path("split").asText().equals(split)) {
                        images.add(image);
                    }
                });
        return images;
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
