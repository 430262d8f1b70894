package dev.loupe.dataset.upload;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.time.Duration;
import java.time.Instant;

/** The time limit of one import. It ends early if the requester has disconnected. */
final class Work {
    private final Requester requester;
    private final Duration timeout;
    private final Instant deadline;

    Work(Requester requester, Duration timeout) {
        this.requester = requester;
        this.timeout = timeout;
        this.deadline = Instant.now().plus(timeout);
    }

    /** Throws if the time is over or the requester has disconnected. */
    void throwIfEnded() {
        if (requester.isGone()) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST, "the client has closed the connection: nothing was imported");
        }
        if (Instant.now().isAfter(deadline)) {
            throw new ServiceException(
                    ErrorCode.REQUEST_TOO_SLOW,
                    "the import exceeds " + timeout.toMinutes() + " minutes; nothing was imported: split the archive");
        }
    }
}
