package dev.loupe.dataset.upload;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A request's body in a file, until it is closed.
 *
 * @param file holds it
 * @param size in bytes
 * @param sha256 of it
 */
record Spool(Path file, long size, String sha256) implements AutoCloseable {
    byte[] bytes() {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
