package dev.loupe.inference.serve;

import dev.loupe.inference.runtime.PredictionConfig;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.internal.PlatformDependent;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory for messages. Each call reserves bytes before it receives them, and releases them when it ends. A call that
 * exceeds the budget is rejected, so clients cannot exhaust the heap or the direct memory. Thread-safe.
 */
@ApplicationScoped
class MessageBudget {
    private final long size;
    private final AtomicLong reserved = new AtomicLong();

    @Inject
    MessageBudget(PredictionConfig config, MeterRegistry metrics) {
        this(config.queueSize().map(MemorySize::asLongValue).orElseGet(MessageBudget::ofMemory));
        Gauge.builder("loupe.messages.reserved", reserved::get)
                .description("Memory that is reserved for the messages of calls")
                .baseUnit("bytes")
                .register(metrics);
    }

    MessageBudget(long size) {
        this.size = size;
    }

    /** A message occupies direct memory while it arrives, then heap; images decoded from it need memory in addition. */
    private static long ofMemory() {
        return Math.min(Runtime.getRuntime().maxMemory(), PlatformDependent.maxDirectMemory()) / 4;
    }

    /** Total number of bytes that can be reserved. */
    long size() {
        return size;
    }

    long reserved() {
        return reserved.get();
    }

    boolean tryReserve(long bytes) {
        long before = reserved.getAndUpdate(now -> now + bytes <= size ? now + bytes : now);
        return before + bytes <= size;
    }

    void release(long bytes) {
        reserved.addAndGet(-bytes);
    }
}
