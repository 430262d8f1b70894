package dev.loupe.dataset.upload;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/** The end of the time that an import may take, or of the interest in its result. */
final class ImportDeadline {
    private final BooleanSupplier cancelled;
    private final Duration timeout;
    private final Instant end;

    /**
     * @param cancelled whether the result is not wanted any more
     * @param start when the import began
     * @param timeout longest time that it may take
     */
    ImportDeadline(BooleanSupplier cancelled, Instant start, Duration timeout) {
        this.cancelled = cancelled;
        this.timeout = timeout;
        this.end = start.plus(timeout);
    }

    boolean isOver() {
        return Instant.now().isAfter(end);
    }

    /** Throws if the time is over or the result is not wanted any more. */
    void throwIfEnded() {
        if (cancelled.getAsBoolean()) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST, "the import was cancelled, or its client has closed the connection");
        }
        if (isOver()) {
            throw new ServiceException(
                    ErrorCode.IMPORT_TIMED_OUT,
                    "the import exceeds " + timeout.toMinutes() + " minutes; nothing was imported: split the archive");
        }
    }
}
