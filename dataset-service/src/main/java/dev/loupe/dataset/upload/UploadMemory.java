package dev.loupe.dataset.upload;

import dev.loupe.dataset.image.ImageConfig;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Limits the heap for the encoded images of all uploads, from reading to storing, and of thumbnails. An upload takes memory before it
 * reads a file, so many large uploads wait instead of exhausting the heap. Thread-safe.
 */
@ApplicationScoped
public class UploadMemory {
    private static final int SHARE_OF_HEAP = 3;

    private final Duration patience;
    private final int limit;
    private final Semaphore free;

    UploadMemory(UploadConfig config, ImageConfig images) {
        long bytes = config.memory()
                .map(MemorySize::asLongValue)
                .orElse(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
        this.limit = (int) Math.clamp(bytes, images.maxSize().asLongValue(), Integer.MAX_VALUE);
        this.free = new Semaphore(limit, true);
        this.patience = images.decoderPatience();
    }

    /** Takes memory if enough is free now; returns whether it did. */
    boolean tryTake(long bytes) {
        return free.tryAcquire(possible(bytes));
    }

    /**
     * Takes memory, waiting until enough is free. A caller that already holds some must not wait, since two such
     * callers could deadlock.
     *
     * @throws ServiceException {@code OVERLOADED} if not enough became free in time; {@code IMAGE_TOO_LARGE} if it
     *     never can
     */
    public void take(long bytes) {
        try {
            if (!free.tryAcquire(possible(bytes), patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new ServiceException(
                        ErrorCode.OVERLOADED, "other uploads hold the memory for encoded images; retry later");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Gives memory back that {@link #take} or {@link #tryTake} took. */
    public void giveBack(long bytes) {
        free.release(possible(bytes));
    }

    /** Most bytes that all uploads may take together. */
    long limit() {
        return limit;
    }

    /** Number of free bytes. */
    long free() {
        return free.availablePermits();
    }

    private int possible(long bytes) {
        if (bytes > limit) {
            throw new ServiceException(
                    ErrorCode.IMAGE_TOO_LARGE, bytes + " bytes, where uploads may take " + limit + " bytes of memory");
        }
        return (int) bytes;
    }
}
