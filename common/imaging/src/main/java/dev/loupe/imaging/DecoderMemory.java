package dev.loupe.imaging;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Limits the memory for decoding in this process, across all threads. The memory that an image needs is computed from
 * its header; it is reserved before the first allocation and released after the last. Requests are served in order.
 * Thread-safe.
 *
 * <p>The default is half of the memory outside the heap (of the container, or of the machine if there is none), at
 * least 64 MiB and at most 1 GiB.
 */
public final class DecoderMemory {
    private static final long UNIT = 1 << 10;
    private static final long MIN_DEFAULT_LIMIT = 64L << 20;
    private static final long MAX_DEFAULT_LIMIT = 1L << 30;
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    private static volatile DecoderMemory process = new DecoderMemory(defaultLimit(), DEFAULT_TIMEOUT);

    private final long limit;
    private final Duration timeout;
    private final Semaphore free;

    /** Reserved memory, which is released on close. */
    interface Lease extends AutoCloseable {
        @Override
        void close();
    }

    private DecoderMemory(long limit, Duration timeout) {
        if (limit < UNIT || limit / UNIT > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "memory for decoding images: expected 1 KiB to 2 TiB, got " + limit + " bytes");
        }
        this.limit = limit;
        this.timeout = timeout;
        this.free = new Semaphore((int) (limit / UNIT), true);
    }

    /**
     * Sets the limit, for images that are decoded from now on.
     *
     * @param bytes limit for all images that are decoded at the same time
     * @param timeout how long an image waits for memory that other images use
     */
    public static void limit(long bytes, Duration timeout) {
        process = new DecoderMemory(bytes, timeout);
    }

    /** Sets the limit; an image waits up to 5 seconds for memory that other images use. */
    public static void limit(long bytes) {
        limit(bytes, DEFAULT_TIMEOUT);
    }

    /** Limit for all images together, in bytes. */
    public static long limit() {
        return process.limit;
    }

    /**
     * Reserves memory, waiting until enough is free.
     *
     * @param bytes number of bytes
     * @param what description of the image, for error messages
     * @throws ImageTooLargeException if it exceeds the limit
     * @throws DecoderBusyException if it did not become free in time
     */
    static Lease reserve(long bytes, String what) {
        DecoderMemory memory = process;
        if (bytes > memory.limit) {
            throw new ImageTooLargeException("%s: decoding needs %d MiB, which exceeds the limit of %d MiB"
                    .formatted(what, mebibytes(bytes), memory.limit >> 20));
        }
        int units = (int) Math.ceilDiv(bytes, UNIT);
        units = Math.min(units, (int) (memory.limit / UNIT));
        try {
            if (!memory.free.tryAcquire(units, memory.timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new DecoderBusyException(
                        "%s: decoding needs %d MiB, but other images currently use the limit of %d MiB"
                                .formatted(what, mebibytes(bytes), memory.limit >> 20));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DecoderBusyException("interrupted while waiting for memory to decode an image");
        }
        int reserved = units;
        return () -> memory.free.release(reserved);
    }

    private static long mebibytes(long bytes) {
        return Math.ceilDiv(bytes, 1L << 20);
    }

    private static long defaultLimit() {
        long beside = physicalMemory() - Runtime.getRuntime().maxMemory();
        return Math.clamp(beside / 2, MIN_DEFAULT_LIMIT, MAX_DEFAULT_LIMIT);
    }

    /** Memory of the container if it has a limit, otherwise of the machine. */
    private static long physicalMemory() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : 0;
    }
}
