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
 * The heap that encoded images of all uploads take, from when they are read until they are stored. An upload takes it
 * before it reads a file, so many large uploads at once wait, and the heap has room for them. Thread-safe.
 */
@ApplicationScoped
class UploadMemory {
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

    /** Takes memory if there is enough now; says whether it did. */
    boolean tryTake(long bytes) {
        return free.tryAcquire(possible(bytes));
    }

    /**
     * Takes memory, waiting for others to give theirs back. One who holds some must not wait: two could wait for each other.
     *
     * @throws ServiceException {@code OVERLOADED} if there was not enough in time; {@code IMAGE_TOO_LARGE} if there never is
     */
    void take(long bytes) {
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

    void giveBack(long bytes) {
        free.release(possible(bytes));
    }

    /** Bytes that are not taken. */
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
