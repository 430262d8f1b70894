package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.CommandException;
import dev.loupe.contracts.Task;
import java.io.FileNotFoundException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
     * Sends a zip file, or a folder as one.
     *
     * @param label of all images, null where the folders say it
     * @param relabel whether the labels and splits replace those that are stored
     * @return the import report
     * @throws CommandException when there is no such file
     */
    public JsonNode importImages(String project, Path source, String label, boolean relabel) {
        URI address = Http.address(base, path(project, "/imports"), "label", label, "relabel", relabel ? "true" : null);
        return http.upload(address, "application/zip", body(source));
    }

    /** As the folders say, without changes of what is known. */
    public JsonNode importImages(String project, Path source) {
        return importImages(project, source, null, false);
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
