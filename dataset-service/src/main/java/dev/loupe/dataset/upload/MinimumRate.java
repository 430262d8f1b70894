package dev.loupe.dataset.upload;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.time.Duration;

/** Enforces a minimum rate for receiving a request body. Not thread-safe. */
final class MinimumRate {
    private final Limits limits;
    private final long start = System.nanoTime();
    private long periodStart = start;
    private long periodBytes;

    /**
     * Limits for receiving a body.
     *
     * @param timeout longest time for the whole body
     * @param minRate minimum rate in bytes per second, in each period
     * @param period length of a period
     */
    record Limits(Duration timeout, long minRate, Duration period) {}

    MinimumRate(Limits limits) {
        this.limits = limits;
    }

    /** Counts received bytes; throws {@code REQUEST_TOO_SLOW} if the rate is too low or the timeout has passed. */
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
