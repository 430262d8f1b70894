package dev.loupe.inference.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.Collections;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/**
 * The heap of the C library, which ONNX Runtime allocates from. With glibc alone: with another library, nothing is
 * measured, and nothing is given back early. Thread-safe.
 */
@SuppressWarnings("restricted") // calls functions of the C library
final class NativeHeap {
    /** {@code struct mallinfo2}: ten values, of which these are bytes in mapped chunks, and in used and in free chunks of arenas. */
    private static final StructLayout STATISTICS = MemoryLayout.structLayout(
            Collections.nCopies(10, ValueLayout.JAVA_LONG).toArray(MemoryLayout[]::new));

    private static final int MAPPED = 4;
    private static final int ALLOCATED = 7;
    private static final int FREE = 8;

    /** Parameters of {@code mallopt}. */
    private static final int TRIM_THRESHOLD = -1;

    private static final int MMAP_THRESHOLD = -3;

    private static final int SAMPLES = 5;
    /** Free bytes that are kept for the next runs. */
    private static final long MOST_FREE = 128 << 20;

    private static final MethodHandle MALLINFO = function("mallinfo2", FunctionDescriptor.of(STATISTICS));
    private static final MethodHandle TRIM =
            function("malloc_trim", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
    private static final MethodHandle OPTION = function(
            "mallopt", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private NativeHeap() {}

    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> symbol = linker.defaultLookup().find(name);
        return symbol.map(address -> linker.downcallHandle(address, descriptor)).orElse(null);
    }

    /**
     * Keeps freed memory for the next run of a model instead of returning it to the system after each: runs whose
     * sessions keep no memory would otherwise fault it in page by page.
     */
    static void keepForRuns() {
        if (OPTION != null) {
            call(() -> (int) OPTION.invokeExact(MMAP_THRESHOLD, 32 << 20));
            call(() -> (int) OPTION.invokeExact(TRIM_THRESHOLD, (int) MOST_FREE));
        }
    }

    /**
     * Bytes that are allocated by others than Java's direct buffers; empty with another C library. Takes the least of a
     * few samples, since predictions that run at the same time allocate for a moment.
     */
    static OptionalLong allocated() {
        if (MALLINFO == null) {
            return OptionalLong.empty();
        }
        long least = Long.MAX_VALUE;
        for (int i = 0; i < SAMPLES; i++) {
            least = Math.min(least, sample());
            try {
                Thread.sleep(1);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        return OptionalLong.of(least);
    }

    private static long sample() {
        long buffers = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return bytes(MAPPED, ALLOCATED) - buffers;
    }

    /** The sum of these values of the statistics, at one time. */
    private static long bytes(int... fields) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statistics = call(() -> (MemorySegment) MALLINFO.invokeExact((SegmentAllocator) arena));
            return IntStream.of(fields)
                    .mapToLong(field -> statistics.getAtIndex(ValueLayout.JAVA_LONG, field))
                    .sum();
        }
    }

    /**
     * Returns free memory to the system if there is much of it. Blocks of many sizes leave holes between those that stay, which
     * no run fills: with two callers, they would grow to more than a gigabyte within minutes.
     */
    static void trimHoles() {
        if (MALLINFO != null && bytes(FREE) > MOST_FREE) {
            trim();
        }
    }

    /** Returns free memory to the system. */
    static void trim() {
        if (TRIM != null) {
            call(() -> (int) TRIM.invokeExact(0L));
        }
    }

    private interface Call<T> {
        T now() throws Throwable;
    }

    private static <T> T call(Call<T> function) {
        try {
            return function.now();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e); // functions of C throw nothing
        }
    }
}
