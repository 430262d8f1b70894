package dev.loupe.dataset.upload;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** A request body in a file, which is deleted on close. Not thread-safe. */
final class BufferedBody implements AutoCloseable {
    private final Path file;
    private final long size;
    private final String sha256;
    private final AtomicLong total;
    private boolean closed;

    /**
     * @param file file with the body
     * @param size size of the body in bytes
     * @param sha256 digest of the body
     * @param total total bytes of all such files, including this one until it is closed
     */
    BufferedBody(Path file, long size, String sha256, AtomicLong total) {
        this.file = file;
        this.size = size;
        this.sha256 = sha256;
        this.total = total;
    }

    Path file() {
        return file;
    }

    /** Size in bytes. */
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
