package dev.loupe.vision.recipe.classical;

import dev.loupe.vision.training.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/** Computes independent parts of a model on several threads. */
final class Parallel {
    private Parallel() {}

    /**
     * Returns the parts 0 to {@code count - 1}, in this order.
     *
     * @param done receives the number of parts that are complete, by the calling thread
     * @throws dev.loupe.vision.training.CancelledException if the progress is cancelled; parts that have begun are
     *     computed to the end first
     */
    static <T> List<T> map(int count, int threads, Progress progress, IntConsumer done, IntFunction<T> part) {
        ExecutorService workers = Executors.newFixedThreadPool(
                Math.min(count, threads),
                Thread.ofPlatform().name("learner-", 0).daemon().factory());
        List<Future<T>> futures = new ArrayList<>();
        try (workers) {
            for (int i = 0; i < count; i++) {
                int index = i;
                futures.add(workers.submit(() -> part.apply(index)));
            }
            return finished(futures, progress, done);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while a classifier was trained");
        }
    }

    private static <T> List<T> finished(List<Future<T>> futures, Progress progress, IntConsumer done)
            throws ExecutionException, InterruptedException {
        try {
            List<T> parts = new ArrayList<>();
            for (Future<T> future : futures) {
                progress.check();
                parts.add(future.get());
                done.accept(parts.size());
            }
            return parts;
        } finally {
            futures.forEach(future -> future.cancel(false)); // those that have not begun
        }
    }
}
