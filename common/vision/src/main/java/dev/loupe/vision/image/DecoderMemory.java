package dev.loupe.vision.image;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The memory that decoding may take in this process, all threads together. An image's need is known from its header; it
 * is taken before the first allocation and given back after the last. Requests are served in their order. Thread-safe.
 *
 * <p>The default is half of the memory beside the heap (of the container, or of the machine where there is none), at
 * least 64 MiB and at most 1 GiB.
 */
public final class DecoderMemory {
    private static final long UNIT = 1 << 10;
    private static final long SMALLEST = 64L << 20;
    private static final long LARGEST = 1L << 30;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static volatile DecoderMemory process = new DecoderMemory(defaultLimit(), PATIENCE);

    private final long limit;
    private final Duration patience;
    private final Semaphore free;

    /** Memory that was taken; closing it gives it back. */
    interface Lease extends AutoCloseable {
        @Override
        void close();
    }

    private DecoderMemory(long limit, Duration patience) {
        if (limit < UNIT || limit / UNIT > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("memory for decoding images: expected 1 KiB to 2 TiB, got " + limit);
        }
        this.limit = limit;
        this.patience = patience;
        this.free = new Semaphore((int) (limit / UNIT), true);
    }

    /**
     * Sets the memory for decoding, for images that are decoded from now on.
     *
     * @param bytes for all images that are decoded at one time
     * @param patience how long an image waits for memory that others hold
     */
    public static void limit(long bytes, Duration patience) {
        process = new DecoderMemory(bytes, patience);
    }

    /** Sets the memory for decoding; an image waits 5 seconds for memory that others hold. */
    public static void limit(long bytes) {
        limit(bytes, PATIENCE);
    }

    /** Bytes that all images together may take. */
    public static long limit() {
        return process.limit;
    }

    /**
     * Takes memory, waiting until others give it back.
     *
     * @param bytes that are needed
     * @param what needs it, for the message of an error
     * @throws ImageTooLargeException if it exceeds the limit
     * @throws DecoderBusyException if it did not become free in time
     */
    static Lease take(long bytes, String what) {
        DecoderMemory memory = process;
        if (bytes > memory.limit) {
            throw new ImageTooLargeException("%s needs %d MiB to be decoded, which exceeds the limit of %d MiB"
                    .formatted(what, mebibytes(bytes), memory.limit >> 20));
        }
        int units = (int) Math.ceilDiv(bytes, UNIT);
        units = Math.min(units, (int) (memory.limit / UNIT));
        try {
            if (!memory.free.tryAcquire(units, memory.patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new DecoderBusyException(
                        "%s needs %d MiB to be decoded, other images hold the %d MiB that there are"
                                .formatted(what, mebibytes(bytes), memory.limit >> 20));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DecoderBusyException("interrupted while waiting for memory to decode an image");
        }
        int taken = units;
        return () -> memory.free.release(taken);
    }

    private static long mebibytes(long bytes) {
        return Math.ceilDiv(bytes, 1L << 20);
    }

    private static long defaultLimit() {
        long beside = physicalMemory() - Runtime.getRuntime().maxMemory();
        return Math.clamp(beside / 2, SMALLEST, LARGEST);
    }

    /** Of the container where it has a limit. */
    private static long physicalMemory() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : 0;
    }
}
