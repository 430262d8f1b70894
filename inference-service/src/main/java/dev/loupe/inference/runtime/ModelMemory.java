package dev.loupe.inference.runtime;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/** The memory of the versions in this replica, in bytes, beside its budget. Thread-safe. */
@ApplicationScoped
class ModelMemory {
    private static final Logger LOG = Logger.getLogger(ModelMemory.class);
    private static final int DEFAULT_PERCENT = 15;
    private static final long MEBIBYTE = 1 << 20;

    private final long budget;
    /** Of versions that are being loaded, are in memory, or are not closed yet; guarded by this. */
    private long used;
    /** What part of it is of versions that are closed after their last requests; guarded by this. */
    private long leaving;

    /** The memory of one version, from the begin of its load until it is closed. */
    final class Share {
        private long bytes;
        private boolean leaves;
        private boolean closed;

        private Share(long bytes) {
            this.bytes = bytes;
        }

        long bytes() {
            synchronized (ModelMemory.this) {
                return bytes;
            }
        }

        /** Corrects the size to what was measured. */
        void resize(long measured) {
            synchronized (ModelMemory.this) {
                used += measured - bytes;
                bytes = measured;
            }
        }

        /** The version gets no further requests. */
        void leave() {
            synchronized (ModelMemory.this) {
                if (!leaves && !closed) {
                    leaves = true;
                    leaving += bytes;
                }
            }
        }

        /** The memory is free. */
        void close() {
            synchronized (ModelMemory.this) {
                if (!closed) {
                    closed = true;
                    used -= bytes;
                    leaving -= leaves ? bytes : 0;
                    ModelMemory.this.notifyAll();
                }
            }
        }
    }

    @Inject
    ModelMemory(LoadingConfig config, MeterRegistry metrics) {
        this(config.memory().map(MemorySize::asLongValue).orElseGet(ModelMemory::share));
        NativeHeap.keepForRuns();
        LOG.infof("models may take %d MiB of memory", budget / MEBIBYTE);
        gauge(metrics, "budget", () -> budget);
        gauge(metrics, "used", this::used);
    }

    /** @param budget in bytes */
    ModelMemory(long budget) {
        this.budget = budget;
    }

    @Scheduled(
            every = "10s",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    void trim() {
        NativeHeap.trimHoles();
    }

    /** A share of the memory that this process may take: the limit of its container, or else that of the machine. */
    private static long share() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return system.getTotalMemorySize() / 100 * DEFAULT_PERCENT;
    }

    static void gauge(MeterRegistry metrics, String state, LongSupplier bytes) {
        Gauge.builder("loupe.models.memory", bytes::getAsLong)
                .description("Memory of models: the budget, what they take, and what those take that must stay")
                .baseUnit("bytes")
                .tag("state", state)
                .register(metrics);
    }

    long budget() {
        return budget;
    }

    synchronized long used() {
        return used;
    }

    /** Reserves memory if it fits into the budget. */
    synchronized Optional<Share> reserve(long bytes) {
        return used + bytes <= budget ? Optional.of(reserveBeyond(bytes)) : Optional.empty();
    }

    /** Reserves memory, if need be beyond the budget. */
    synchronized Share reserveBeyond(long bytes) {
        used += bytes;
        return new Share(bytes);
    }

    /** How many bytes must leave besides those that do already, so that these fit; 0 if none must. */
    synchronized long lacking(long bytes) {
        return Math.max(0, used - leaving + bytes - budget);
    }

    /**
     * Waits until these bytes fit, because versions that leave are closed.
     *
     * @param deadline {@link System#nanoTime()} until which it waits
     * @return whether they fit
     */
    synchronized boolean await(long bytes, long deadline) {
        try {
            while (used + bytes > budget) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    return false;
                }
                wait(left);
            }
            return true;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Says that the versions that must stay take more than the budget; empty if they do not. */
    synchronized Optional<String> excess() {
        return used - leaving <= budget
                ? Optional.empty()
                : Optional.of("the versions that must stay in memory take %d MiB, expected at most %d MiB"
                        .formatted((used - leaving) / MEBIBYTE, budget / MEBIBYTE));
    }
}
