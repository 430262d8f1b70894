package dev.loupe.service.limit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A token bucket: it holds the requests of one second, at least one, and is filled at a rate. It keeps the one time at which
 * it would be full again (the generic cell rate algorithm), so that a request is one compare-and-set. Thread-safe.
 */
final class RequestBucket {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final double rate;
    private final long interval;
    private final long tolerance;
    /** When it is full again, in nanoseconds since its start. */
    private final AtomicLong full = new AtomicLong();

    /** @param rate requests in a second */
    RequestBucket(double rate) {
        this.rate = rate;
        this.interval = Math.max(1, Math.round(SECOND / rate));
        this.tolerance = Math.max(0, (long) (Math.max(1, Math.floor(rate)) - 1) * interval);
    }

    double rate() {
        return rate;
    }

    /**
     * Takes a request from it.
     *
     * @param now nanoseconds since its start
     * @return 0, or the nanoseconds until there is one; then none was taken
     */
    long take(long now) {
        while (true) {
            long until = full.get();
            long start = Math.max(until, now);
            if (start - tolerance > now) {
                return start - tolerance - now;
            }
            if (full.compareAndSet(until, start + interval)) {
                return 0;
            }
        }
    }
}
