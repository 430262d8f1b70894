package dev.loupe.training.backbone;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;

/** Receives ONNX files. A file is streamed to disk and never held in memory as a whole. */
@ApplicationScoped
public class NetworkUpload {
    private final BackboneConfig config;
    private final ImportFolder importFolder;
    private final Semaphore places;

    NetworkUpload(BackboneConfig config, ImportFolder importFolder) {
        this.config = config;
        this.importFolder = importFolder;
        this.places = new Semaphore(config.concurrentImports());
    }

    /** What is done with a file that was received. It is in a folder of its own, which is deleted afterwards. */
    public interface Use<T> {
        T of(Path file, String sha256) throws IOException;
    }

    /**
     * Receives a file.
     *
     * @param size size of the body in bytes, -1 if the client does not send it
     * @throws ServiceException {@code REQUEST_TOO_LARGE}, {@code REQUEST_TOO_SLOW}, {@code OVERLOADED} or {@code
     *     STORAGE_FULL}
     */
    public <T> T receive(InputStream body, long size, Use<T> use) {
        if (size > config.maxFileSize().asLongValue()) {
            throw Upload.tooLarge(config.maxFileSize().asLongValue());
        }
        if (!places.tryAcquire()) {
            throw new ServiceException(
                    ErrorCode.OVERLOADED,
                    config.concurrentImports() + " networks are being imported at the moment; retry later");
        }
        Path folder = null;
        try {
            folder = importFolder.create();
            Path file = folder.resolve("network.onnx");
            return use.of(file, new Upload(config).receive(body, file));
        } catch (IOException e) {
            throw Upload.full(e);
        } finally {
            places.release();
            if (folder != null) {
                ImportFolder.delete(folder);
            }
        }
    }
}
