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
 * The memory that messages may take: each call reserves bytes before it receives them, and gives them back when it ends.
 * What does not fit is refused, so neither the heap nor the direct memory runs out, whatever is sent. Thread-safe.
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

    /** A message is in direct memory while it arrives, then on the heap; what is decoded from it is on top. */
    private static long ofMemory() {
        return Math.min(Runtime.getRuntime().maxMemory(), PlatformDependent.maxDirectMemory()) / 4;
    }

    /** Bytes that can be reserved in all. */
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
