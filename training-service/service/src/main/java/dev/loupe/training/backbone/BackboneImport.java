package dev.loupe.training.backbone;

import dev.loupe.model.backbone.Backbone.PooledFeatures;
import dev.loupe.model.backbone.BackboneValidationProcess.Outcome;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.storage.ObjectStore;
import dev.loupe.training.backbone.ImportedBackbone.Output;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Imports ONNX files as backbones. */
@ApplicationScoped
class BackboneImport {
    private final Backbones backbones;
    private final ObjectStore objects;
    private final Audit audit;
    private final NetworkUpload upload;
    private final BackboneValidator validator;

    BackboneImport(
            Backbones backbones, ObjectStore objects, Audit audit, NetworkUpload upload, BackboneValidator validator) {
        this.backbones = backbones;
        this.objects = objects;
        this.audit = audit;
        this.upload = upload;
        this.validator = validator;
    }

    /**
     * Receives a file, validates it, and stores it under the name. Importing the same file again changes nothing.
     *
     * @param size size of the body in bytes, -1 if the client does not send it
     * @param abandoned whether the client has disconnected
     * @throws ServiceException {@code REQUEST_TOO_LARGE}, {@code REQUEST_TOO_SLOW}, {@code OVERLOADED}, {@code
     *     STORAGE_FULL}, {@code BACKBONE_INVALID} with the reason, or {@code BACKBONE_EXISTS} if another backbone has
     *     this name
     */
    ImportedBackbone receive(
            String name, NetworkInput input, InputStream body, long size, BooleanSupplier abandoned, String actor) {
        return upload.receive(body, size, (file, sha256) -> keep(name, input, sha256, file, abandoned, actor));
    }

    private ImportedBackbone keep(
            String name, NetworkInput input, String sha256, Path file, BooleanSupplier abandoned, String actor)
            throws IOException {
        Optional<ImportedBackbone> known = backbones.find(name);
        if (known.isPresent()) {
            return same(known.get(), sha256, input);
        }
        ImportedBackbone backbone =
                described(name, input, sha256, Files.size(file), validated(name, input, file, abandoned));
        if (objects.find(backbones.file(sha256)).isEmpty()) {
            objects.put(backbones.file(sha256), file, "application/octet-stream");
        }
        return QuarkusTransaction.requiringNew().call(() -> {
            if (backbones.insert(backbone)) {
                audit.record(Change.of(null, actor, "backbone.import", name).detail(sha256));
            }
            return same(backbones.find(name).orElseThrow(), sha256, input);
        });
    }

    private Outcome validated(String name, NetworkInput input, Path file, BooleanSupplier abandoned) {
        try {
            return validator.backbone(file, input, abandoned);
        } catch (ServiceException e) {
            throw new ServiceException(e.code(), "backbone '" + name + "': " + e.getMessage(), e);
        }
    }

    /** Returns the stored backbone if it has this file and this input; otherwise throws. */
    private static ImportedBackbone same(ImportedBackbone kept, String sha256, NetworkInput input) {
        boolean same = kept.sha256().equals(sha256)
                && kept.scale() == input.scale()
                && kept.mean().equals(input.mean())
                && kept.std().equals(input.std());
        if (!same) {
            throw new ServiceException(
                    ErrorCode.BACKBONE_EXISTS,
                    "backbone '" + kept.name() + "' is there already, with another file (sha256 " + kept.sha256()
                            + ") or another input; choose another name");
        }
        return kept;
    }

    private static ImportedBackbone described(
            String name, NetworkInput input, String sha256, long size, Outcome outcome) {
        List<Output> maps = outcome.featureMaps().stream()
                .map(map -> new Output(map.output(), map.channels(), map.stride()))
                .toList();
        PooledFeatures pooled = outcome.pooled();
        return new ImportedBackbone(
                name,
                sha256,
                size,
                input.scale(),
                input.mean(),
                input.std(),
                maps,
                pooled == null ? null : new Output(pooled.output(), pooled.size(), null),
                null);
    }
}
