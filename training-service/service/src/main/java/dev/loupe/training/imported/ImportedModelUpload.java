package dev.loupe.training.imported;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.training.ImageFraming;
import dev.loupe.model.backbone.BackboneValidationProcess.ClassifierForm;
import dev.loupe.service.database.Ids;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.storage.ObjectStore;
import dev.loupe.training.backbone.BackboneValidator;
import dev.loupe.training.backbone.NetworkInput;
import dev.loupe.training.backbone.NetworkUpload;
import dev.loupe.training.dataset.FrozenVersion;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Receives classifiers that were trained elsewhere. */
@ApplicationScoped
class ImportedModelUpload {
    private final ImportedModels models;
    private final ObjectStore objects;
    private final NetworkUpload upload;
    private final BackboneValidator validator;

    /**
     * What the user says of a classifier.
     *
     * @param labels labels in the order of its outputs
     * @param inputSize side of the square that images are resized to, null for that of the input
     * @param output name of its output, null for the only one of the shape {@code [n, labels]}
     */
    record Description(
            String name,
            List<String> labels,
            NetworkInput input,
            Integer inputSize,
            String output,
            ImageFraming framing) {}

    ImportedModelUpload(ImportedModels models, ObjectStore objects, NetworkUpload upload, BackboneValidator validator) {
        this.models = models;
        this.objects = objects;
        this.upload = upload;
        this.validator = validator;
    }

    /**
     * Receives a file, validates it, and stores it. Uploading the same file again changes nothing.
     *
     * @param project any dataset version of the project that it is for
     * @param size size of the body in bytes, -1 if the client does not send it
     * @param abandoned whether the client has disconnected
     * @throws ServiceException {@code REQUEST_TOO_LARGE}, {@code REQUEST_TOO_SLOW}, {@code OVERLOADED}, {@code
     *     STORAGE_FULL}, {@code IMPORTED_MODEL_INVALID} with the reason, or {@code IMPORTED_MODEL_EXISTS} if the project
     *     has another model of this name
     */
    ImportedModel receive(
            FrozenVersion project,
            Description asked,
            InputStream body,
            long size,
            BooleanSupplier abandoned,
            String actor) {
        if (project.task() != Task.CLASSIFICATION) {
            throw new ServiceException(
                    ErrorCode.IMPORTED_MODEL_INVALID,
                    "imported model '" + asked.name() + "': expected a project for CLASSIFICATION, '"
                            + project.projectName() + "' is for " + project.task());
        }
        return upload.receive(body, size, (file, sha256) -> keep(project, asked, file, sha256, abandoned, actor));
    }

    private ImportedModel keep(
            FrozenVersion project, Description asked, Path file, String sha256, BooleanSupplier abandoned, String actor)
            throws IOException {
        ImportedModel model = described(project, asked, sha256, Files.size(file), validated(asked, file, abandoned));
        Optional<ImportedModel> known = models.find(project.projectId(), asked.name());
        if (known.isEmpty()) {
            // The file first: a model in the database has one.
            objects.put(models.file(model.id()), file, "application/octet-stream");
            if (models.insert(model, actor)) {
                return models.require(model.id().toString());
            }
            objects.delete(models.file(model.id()));
            known = models.find(project.projectId(), asked.name());
        }
        return known.filter(model::isSame)
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.IMPORTED_MODEL_EXISTS,
                        "imported model '" + asked.name() + "': project '" + project.projectName()
                                + "' has one of this name, with another file, other labels or another input;"
                                + " choose another name, or delete that one"));
    }

    private ClassifierForm validated(Description asked, Path file, BooleanSupplier abandoned) {
        try {
            return validator.classifier(
                    file, asked.input(), asked.labels().size(), asked.inputSize(), asked.output(), abandoned);
        } catch (ServiceException e) {
            throw new ServiceException(e.code(), "imported model '" + asked.name() + "': " + e.getMessage(), e);
        }
    }

    private static ImportedModel described(
            FrozenVersion project, Description asked, String sha256, long size, ClassifierForm form) {
        return new ImportedModel(
                Ids.next(),
                project.projectName(),
                project.projectId(),
                asked.name(),
                sha256,
                size,
                asked.labels(),
                asked.inputSize(),
                asked.output(),
                asked.input().scale(),
                asked.input().mean(),
                asked.input().std(),
                asked.framing().fit(),
                asked.framing().centerCrop(),
                asked.framing().channelOrder(),
                form.width(),
                form.height(),
                form.layout(),
                form.scores(),
                Instant.EPOCH); // the database sets it
    }
}
