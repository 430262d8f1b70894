package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.client.ClientException;
import dev.loupe.client.ServiceClient;
import dev.loupe.client.training.ImportedModelsApi;
import dev.loupe.client.training.model.NewImportRun;
import dev.loupe.contracts.training.ImageFraming;
import java.io.FileNotFoundException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/** training-service: classifiers that were trained elsewhere. Thread-safe. */
public final class ImportedModels {
    private final ServiceClient service;
    private final ImportedModelsApi models;

    ImportedModels(ServiceClient service) {
        this.service = service;
        this.models = new ImportedModelsApi(service);
    }

    /**
     * A classifier to upload.
     *
     * @param project its project
     * @param name it gets
     * @param labels in the order of its outputs
     * @param input how its input is prepared
     * @param inputSize side of its input; null: that of the file
     * @param output name of its output; null: the only one that fits
     * @param framing what it sees of an image
     */
    public record Upload(
            String project,
            String name,
            List<String> labels,
            BackboneInput input,
            Integer inputSize,
            String output,
            ImageFraming framing) {}

    /** Uploads an ONNX file, which the server checks. */
    public JsonNode upload(Path file, Upload model) {
        BodyPublisher body;
        try {
            body = BodyPublishers.ofFile(file);
        } catch (FileNotFoundException absent) {
            throw new ClientException(file + ": there is no such file", absent);
        }
        ImportedModelsApi uploads = new ImportedModelsApi(service.sending(body));
        return service.tree(() -> uploads.uploadImportedModel(
                model.labels(),
                model.name(),
                model.project(),
                file.toFile(),
                Double.toString(model.framing().centerCrop()),
                model.framing().channelOrder().name(),
                model.framing().fit(),
                model.inputSize(),
                model.input().mean(),
                model.output(),
                Double.toString(model.input().scale()),
                model.input().std(),
                null));
    }

    /**
     * Starts the run that makes a model version of an uploaded model.
     *
     * @param datasetVersion dataset version to evaluate it on; null: the newest
     * @return the run, as it was queued
     */
    public JsonNode start(String model, Integer datasetVersion) {
        String key = UUID.randomUUID().toString();
        NewImportRun run = new NewImportRun().datasetVersion(datasetVersion);
        return service.tree(() -> models.runImport(model, run, key, null));
    }

    /** Newest first; project may be null. */
    public List<JsonNode> list(String project) {
        return Pages.items(service, 1_000, (cursor, limit) -> models.listImportedModels(cursor, limit, project));
    }

    /** Deletes a model that no run imports. */
    public void delete(String id) {
        service.call(() -> {
            models.deleteImportedModel(id, null);
            return null;
        });
    }
}
