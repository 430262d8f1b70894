package dev.loupe.dataset.upload;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** A request's body in a file, until it is closed. For one thread. */
final class Spool implements AutoCloseable {
    private final Path file;
    private final long size;
    private final String sha256;
    private final AtomicLong total;
    private boolean closed;

    /**
     * @param file holds the body
     * @param size in bytes
     * @param sha256 of it
     * @param total bytes of all such files, this one included until it is closed
     */
    Spool(Path file, long size, String sha256, AtomicLong total) {
        this.file = file;
        this.size = size;
        this.sha256 = sha256;
        this.total = total;
    }

    Path file() {
        return file;
    }

    /** In bytes. */
    long size() {
        return size;
    }

    String sha256() {
        return sha256;
    }

    byte[] bytes() {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        total.addAndGet(-size);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
