package dev.loupe.inference.runtime;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import io.grpc.Context;
import io.grpc.Context.CancellationListener;
import io.grpc.Contexts;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The threads that compute predictions: a fixed number of platform threads with a bounded queue, so that an admitted
 * request is answered in bounded time under any load. Predictions never run on virtual threads, because they would
 * occupy the carrier threads that all others need.
 */
@ApplicationScoped
@Startup // its gauges exist before the first prediction
public class PredictionPool {
    private final ThreadPoolExecutor threads;

    PredictionPool(PredictionConfig config, MeterRegistry metrics) {
        int count = config.threads().orElse(Runtime.getRuntime().availableProcessors());
        threads = new ThreadPoolExecutor(
                count,
                count,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(config.queue()),
                Thread.ofPlatform().name("prediction-", 0).daemon().factory());
        gauge(metrics, "computed", threads::getActiveCount);
        gauge(metrics, "waiting", () -> threads.getQueue().size());
    }

    private static void gauge(MeterRegistry metrics, String state, Supplier<Number> count) {
        Gauge.builder("loupe.predictions", count)
                .description("Predictions that are computed, or wait for a thread")
                .tag("state", state)
                .register(metrics);
    }

    /**
     * Runs the work on one of the threads and waits for it; perhaps together with other requests that wait for a thread
     * at the time. If the call's deadline passes or its client disconnects, work that is still queued is dropped. Work
     * that has begun runs to its end, and this method returns only then, so resources of the work stay open until it is
     * done.
     *
     * @throws ServiceException {@code QUEUE_FULL}
     * @throws io.grpc.StatusRuntimeException if the call was cancelled meanwhile
     */
    public <T> T compute(BatchWork<T> work) {
        Context call = Context.current();
        CompletableFuture<T> result = new CompletableFuture<>();
        Runnable task = new Batch.Task<>(call, work, result, threads);
        try {
            threads.execute(task);
        } catch (RejectedExecutionException _) {
            throw full(threads.getQueue().size() + " requests wait for a thread");
        }
        CancellationListener givenUp = _ -> {
            if (threads.remove(task)) {
                result.completeExceptionally(Contexts.statusFromCancelled(call).asRuntimeException());
            }
        };
        call.addListener(givenUp, Runnable::run);
        try {
            return result.join(); // even if interrupted: the work must not outlive what it uses
        } catch (CompletionException e) {
            throw switch (e.getCause()) {
                case RuntimeException failure -> failure;
                case OutOfMemoryError _ -> full("not enough memory for this one");
                default -> e;
            };
        } finally {
            call.removeListener(givenUp);
        }
    }

    /**
     * Returns normally if the call of the current thread was not cancelled.
     *
     * @throws io.grpc.StatusRuntimeException if the call was cancelled
     */
    public static void throwIfCancelled() {
        throwIfCancelled(Context.current());
    }

    private static void throwIfCancelled(Context call) {
        if (call.isCancelled()) {
            throw Contexts.statusFromCancelled(call).asRuntimeException();
        }
    }

    /** Whether a thread is free: no prediction waits for one. */
    public boolean isFree() {
        return threads.getQueue().isEmpty() && threads.getActiveCount() < threads.getMaximumPoolSize();
    }

    private static ServiceException full(String why) {
        return new ServiceException(ErrorCode.QUEUE_FULL, "too many predictions at the moment: " + why);
    }

    @PreDestroy
    void close() throws InterruptedException {
        threads.shutdown();
        threads.awaitTermination(10, TimeUnit.SECONDS); // admitted requests are still answered
    }
}
