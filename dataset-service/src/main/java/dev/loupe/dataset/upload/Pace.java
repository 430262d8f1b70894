package dev.loupe.dataset.upload;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.time.Duration;

/** How fast a body comes. For one thread. */
final class Pace {
    private final Limits limits;
    private final long start = System.nanoTime();
    private long periodStart = start;
    private long periodBytes;

    /**
     * How fast a body must come.
     *
     * @param timeout longest time for all of it
     * @param minRate fewest bytes a second, over each period
     * @param period in which bytes are counted
     */
    record Limits(Duration timeout, long minRate, Duration period) {}

    Pace(Limits limits) {
        this.limits = limits;
    }

    /** Counts what came; {@code REQUEST_TOO_SLOW} where it is too little, or too late. */
    void received(int bytes) {
        long now = System.nanoTime();
        periodBytes += bytes;
        if (now - start > limits.timeout().toNanos()) {
            throw tooSlow(
                    "the request did not arrive within " + limits.timeout().toMinutes() + " minutes");
        }
        long elapsed = now - periodStart;
        if (elapsed >= limits.period().toNanos()) {
            if (periodBytes / (elapsed / 1e9) < limits.minRate()) {
                throw tooSlow("the request came with less than " + limits.minRate() + " bytes a second");
            }
            periodStart = now;
            periodBytes = 0;
        }
    }

    private static ServiceException tooSlow(String reason) {
        return new ServiceException(ErrorCode.REQUEST_TOO_SLOW, reason);
    }
}
