package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import dev.loupe.client.ClientException;
import dev.loupe.client.ProblemException;
import dev.loupe.client.ServiceClient;
import dev.loupe.client.dataset.DatasetVersionsApi;
import dev.loupe.client.dataset.ImagesApi;
import dev.loupe.client.dataset.ImportsApi;
import dev.loupe.client.dataset.ProjectsApi;
import dev.loupe.client.dataset.UploadApi;
import dev.loupe.client.dataset.model.Freeze;
import dev.loupe.client.dataset.model.ImagesDeletion;
import dev.loupe.client.dataset.model.ImagesUpdate;
import dev.loupe.client.dataset.model.NewProject;
import dev.loupe.client.dataset.model.ProjectChange;
import dev.loupe.client.dataset.model.VersionChangeKind;
import dev.loupe.client.http.ApiException;
import dev.loupe.contracts.Task;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** dataset-service: projects, images, dataset versions. A project is given by its name or id. Thread-safe. */
public final class Datasets {
    private static final Duration POLL = Duration.ofMillis(500);
    /** Longest side in pixels. */
    private static final RetryPolicy<Object> WHILE_RESTARTING = RetryPolicy.builder()
            .handleIf(failure -> failure instanceof ProblemException problem
                    ? problem.retryable()
                    : failure instanceof ClientException && failure.getCause() instanceof IOException)
            .withDelay(Duration.ofSeconds(1))
            .withMaxAttempts(60)
            .build();

    private final ServiceClient service;
    private final ProjectsApi projects;
    private final ImagesApi images;
    private final ImportsApi imports;
    private final DatasetVersionsApi versions;

    Datasets(ServiceClient service) {
        this.service = service;
        this.projects = new ProjectsApi(service);
        this.images = new ImagesApi(service);
        this.imports = new ImportsApi(service);
        this.versions = new DatasetVersionsApi(service);
    }

    public JsonNode createProject(String name, Task task, String itemKind) {
        NewProject project = new NewProject()
                .name(name)
                .task(dev.loupe.client.dataset.model.Task.fromValue(task.name()))
                .itemKind(itemKind);
        String key = newKey();
        return service.tree(() -> projects.createProject(project, key, null));
    }

    private static String newKey() {
        return UUID.randomUUID().toString();
    }

    public List<JsonNode> projects() {
        return Pages.items(service, 10_000, (cursor, limit) -> projects.listProjects(null, cursor, limit));
    }

    /** Renames a project. The old name remains valid. */
    public JsonNode renameProject(String project, String name) {
        return service.tree(() -> projects.updateProject(project, new ProjectChange().name(name), null));
    }

    /** Deletes a project with its images, versions, runs and models. */
    public void deleteProject(String project, String name) {
        service.call(() -> {
            projects.deleteProject(project, name, null);
            return null;
        });
    }

    /** With its counts. */
    public JsonNode project(String project) {
        return service.tree(() -> projects.getProject(project));
    }

    /**
     * Uploads a zip file, or a folder as one. The service imports it in the background.
     *
     * @param label label of all images, null if the folders determine it
     * @param relabel whether labels, splits and products replace the stored ones
     * @param products whether folders within those of labels are products
     * @return the import
     * @throws ClientException if there is no such file
     */
    public JsonNode startImport(String project, Path source, String label, boolean relabel, boolean products) {
        ImportsApi uploads = new ImportsApi(service.sending(body(source)));
        String key = newKey();
        return service.tree(() -> uploads.startImport(
                project, source.toFile(), label, products ? true : null, relabel ? true : null, key, null));
    }

    /** Adds an image to a project; one that it has already stays as it is. */
    public void upload(String project, byte[] image, String name, String label, String product) {
        UploadApi upload = new UploadApi(service.sending(BodyPublishers.ofByteArray(image)));
        String key = newKey();
        service.call(() -> upload.uploadImages(project, new File(name), label, name, product, null, key, null));
    }

    /** Uploads a zip file or a folder, and returns what an import of it would do. */
    public JsonNode inspectImport(String project, Path source, String label, boolean products) {
        ImportsApi uploads = new ImportsApi(service.sending(body(source)));
        return service.tree(() -> uploads.inspectArchive(project, source.toFile(), label, products ? true : null));
    }

    /**
     * Reports each state of an import, and returns it when it has ended. Waits while the service restarts.
     *
     * @throws ClientException if the service stays away
     */
    public JsonNode followImport(String project, String id, Consumer<JsonNode> changes) {
        return Failsafe.with(WHILE_RESTARTING).get(() -> {
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
     * @throws ClientException if it does not succeed
     */
    public JsonNode importImages(String project, Path source, Consumer<JsonNode> changes) {
        String id = startImport(project, source, null, false, false).path("id").asText();
        JsonNode ended = followImport(project, id, changes);
        if (!ended.path("state").asText().equals("SUCCEEDED")) {
            throw new ClientException("import " + id + " " + ended.path("state").asText() + ": "
                    + ended.at("/reason/message").asText("no reason given"));
        }
        return ended.path("report");
    }

    public JsonNode importImages(String project, Path source) {
        return importImages(project, source, _ -> {});
    }

    /** Imports, the newest first. */
    public List<JsonNode> imports(String project, int most) {
        return Pages.items(service, most, (cursor, limit) -> imports.listImports(project, cursor, limit));
    }

    public JsonNode importStatus(String project, String id) {
        return service.tree(() -> imports.getImport(id, project));
    }

    /**
     * Files of an import.
     *
     * @param kind {@code refusals}, {@code conflicts} or {@code ignored}
     */
    public List<JsonNode> importFiles(String project, String id, String kind, int most) {
        return Pages.items(service, most, (cursor, limit) -> switch (kind) {
            case "refusals" -> imports.listImportRefusals(id, project, cursor, limit);
            case "conflicts" -> imports.listImportConflicts(id, project, cursor, limit);
            case "ignored" -> imports.listIgnoredImportFiles(id, project, cursor, limit);
            default -> throw new IllegalArgumentException("expected refusals, conflicts or ignored, got " + kind);
        });
    }

    public JsonNode cancelImport(String project, String id) {
        return service.tree(() -> imports.cancelImport(id, project));
    }

    private static BodyPublisher body(Path source) {
        if (Files.isDirectory(source)) {
            return BodyPublishers.ofInputStream(() -> FolderZip.stream(source));
        }
        try {
            return BodyPublishers.ofFile(source);
        } catch (FileNotFoundException absent) {
            throw new ClientException(source + ": there is no such folder or zip file", absent);
        }
    }

    /** Freezes what is there into a dataset version. */
    public JsonNode freeze(String project, Long seed, String note) {
        Freeze freeze = new Freeze().seed(seed).note(note);
        String key = newKey();
        return service.tree(() -> versions.freezeDataset(project, freeze, key, null));
    }

    /** Dataset versions, by number. */
    public List<JsonNode> versions(String project) {
        return Pages.items(service, 10_000, (cursor, limit) -> versions.listDatasetVersions(project, cursor, limit));
    }

    /**
     * What differs in a version from another one: the numbers of images by kind, and the first images.
     *
     * @param kinds {@code ADDED}, {@code REMOVED}, …; empty for all
     */
    public JsonNode versionChanges(String project, int from, int to, List<VersionChangeKind> kinds, int most) {
        return service.tree(() -> versions.compareDatasetVersions(to, project, from, null, kinds, most));
    }

    /**
     * Which images; what is null or false does not matter.
     *
     * @param text part of the file name, or start of the digest
     */
    public record ImageFilter(
            String label, boolean unlabelled, String defect, String split, String product, String text) {

        public static ImageFilter ofText(String text) {
            return new ImageFilter(null, false, null, null, null, text);
        }
    }

    /** Images by digest. */
    public List<JsonNode> images(String project, ImageFilter filter, int most) {
        return Pages.items(
                service,
                most,
                (cursor, limit) -> images.listImages(
                        project,
                        null,
                        null,
                        null,
                        cursor,
                        list(filter.defect()),
                        null,
                        list(filter.label()),
                        limit,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        list(filter.product()),
                        null,
                        list(filter.split()),
                        filter.text(),
                        filter.unlabelled() ? true : null));
    }

    private static List<String> list(String value) {
        return value == null ? null : List.of(value);
    }

    /**
     * Changes up to 1,000 images, all or none.
     *
     * @param change to {@code label}, {@code defect}, {@code split}
     */
    public JsonNode changeImages(String project, List<String> digests, ImagesUpdate change) {
        return service.tree(() -> images.updateImages(project, change.images(digests), null));
    }

    /** Deletes up to 1,000 images. */
    public JsonNode deleteImages(String project, List<String> digests) {
        ImagesDeletion selection = new ImagesDeletion().images(digests);
        String key = newKey();
        return service.tree(() -> images.deleteImages(project, selection, key, null));
    }

    /** The images of a dataset version that are in this split. */
    public List<JsonNode> images(String project, int version, String split) {
        List<JsonNode> images = new ArrayList<>();
        service.tree(() -> versions.getDatasetManifest(version, project))
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
        return image("image " + sha256, images -> images.getImageContent(project, sha256));
    }

    /** Bounds of an augmentation; null for no change of this kind. */
    public record Augmentation(
            boolean flipHorizontal,
            boolean flipVertical,
            Double rotation,
            Double translation,
            Double zoom,
            Double brightness,
            Double contrast,
            Double saturation,
            Double hue,
            Double erasing,
            Double blur,
            Double noise,
            Integer randAugment,
            Double magnitude,
            Double mixup,
            Double cutmix) {}

    /** A PNG that shows what an augmentation does to images of a project. */
    public byte[] augmentation(String project, Augmentation bounds, Long seed) {
        return image(
                "augmentation",
                images -> images.getAugmentationSheet(
                        project,
                        bounds.blur,
                        bounds.brightness,
                        bounds.contrast,
                        bounds.cutmix,
                        bounds.erasing,
                        bounds.flipHorizontal,
                        bounds.flipVertical,
                        bounds.hue,
                        bounds.magnitude,
                        bounds.mixup,
                        bounds.noise,
                        bounds.randAugment,
                        bounds.rotation,
                        bounds.saturation,
                        seed,
                        bounds.translation,
                        bounds.zoom));
    }

    @FunctionalInterface
    private interface ImageCall {
        void of(ImagesApi images) throws ApiException;
    }

    private byte[] image(String what, ImageCall call) {
        AtomicReference<byte[]> content = new AtomicReference<>();
        ImagesApi reading = new ImagesApi(service.receiving(body -> content.set(body.readAllBytes())));
        try {
            service.call(() -> {
                call.of(reading);
                return null;
            });
        } catch (UncheckedIOException lost) {
            throw new ClientException(what + ": the connection was lost", lost);
        }
        return content.get();
    }
}
