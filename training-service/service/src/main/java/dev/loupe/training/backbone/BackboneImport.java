package dev.loupe.training.backbone;

import dev.loupe.service.audit.Audit;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import dev.loupe.training.backbone.ImportedBackbone.Output;
import dev.loupe.vision.net.Backbone;
import dev.loupe.vision.net.InvalidOnnxException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Takes in ONNX files as backbones. */
@ApplicationScoped
class BackboneImport {
    private final Backbones backbones;
    private final ObjectStore objects;
    private final Audit audit;

    /** How pictures are prepared for a network: {@code (x / scale - mean) / std}. */
    record Input(float scale, List<Float> mean, List<Float> std) {}

    BackboneImport(Backbones backbones, ObjectStore objects, Audit audit) {
        this.backbones = backbones;
        this.objects = objects;
        this.audit = audit;
    }

    /**
     * Receives a file, tries it, and keeps it under the name. The same again changes nothing.
     *
     * @throws ServiceException {@code REQUEST_TOO_LARGE}, {@code BACKBONE_INVALID} with the reason, or {@code
     *     BACKBONE_EXISTS} if the name means something else
     */
    ImportedBackbone receive(String name, Input input, InputStream body, String actor) {
        Path file = null;
        try {
            file = Files.createTempFile("backbone", ".onnx");
            String sha256;
            try (OutputStream out = Files.newOutputStream(file)) {
                sha256 = Sha256.copy(limited(body, Backbone.LARGEST_FILE), out);
            }
            ImportedBackbone backbone = inspect(name, input, sha256, file);
            if (objects.find(backbones.file(sha256)).isEmpty()) {
                objects.put(backbones.file(sha256), file, "application/octet-stream");
            }
            return keep(backbone, actor);
        } catch (IOException e) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST, "backbone '" + name + "': the upload broke off: " + e.getMessage(), e);
        } finally {
            delete(file);
        }
    }

    @Transactional
    ImportedBackbone keep(ImportedBackbone backbone, String actor) {
        boolean isNew = backbones.insert(backbone);
        ImportedBackbone kept = backbones.find(backbone.name()).orElseThrow();
        if (!isNew && !isSame(kept, backbone)) {
            throw new ServiceException(
                    ErrorCode.BACKBONE_EXISTS,
                    "backbone '" + backbone.name() + "' is there already, with another file (sha256 " + kept.sha256()
                            + ") or another input; choose another name");
        }
        if (isNew) {
            audit.record(actor, "backbone.import", backbone.name(), backbone.sha256());
        }
        return kept;
    }

    private static boolean isSame(ImportedBackbone a, ImportedBackbone b) {
        return a.sha256().equals(b.sha256())
                && a.scale().equals(b.scale())
                && a.mean().equals(b.mean())
                && a.std().equals(b.std());
    }

    private static ImportedBackbone inspect(String name, Input input, String sha256, Path file) throws IOException {
        try {
            Backbone backbone = Backbone.imported(name, file, input.scale(), floats(input.mean()), floats(input.std()));
            return new ImportedBackbone(
                    name,
                    sha256,
                    Files.size(file),
                    input.scale(),
                    input.mean(),
                    input.std(),
                    backbone.featureMaps().stream()
                            .map(map -> new Output(map.output(), map.channels(), map.stride()))
                            .toList(),
                    backbone.pooled() == null
                            ? null
                            : new Output(
                                    backbone.pooled().output(),
                                    backbone.pooled().size(),
                                    null),
                    null);
        } catch (InvalidOnnxException e) {
            throw new ServiceException(ErrorCode.BACKBONE_INVALID, e.getMessage(), e);
        }
    }

    private static float[] floats(List<Float> values) {
        float[] array = new float[values.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = values.get(i);
        }
        return array;
    }

    private static InputStream limited(InputStream body, long most) {
        return new FilterInputStream(body) {
            private long left = most;

            @Override
            public int read() throws IOException {
                return count(super.read(), 1);
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                int read = super.read(bytes, offset, length);
                return count(read, read);
            }

            private int count(int result, int read) {
                left -= result < 0 ? 0 : read;
                if (left < 0) {
                    throw new ServiceException(
                            ErrorCode.REQUEST_TOO_LARGE, "a backbone's file has at most " + most + " bytes");
                }
                return result;
            }
        };
    }

    private static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
