package dev.loupe.inference.runtime;

import dev.loupe.model.Prediction;
import io.grpc.Context;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Requests that one run of a model computes together. Those that fail, because of an image or since they were cancelled,
 * fail alone.
 */
final class Batch {
    /** How often a thread looks for further requests while it waits for them. */
    private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private final List<Task<?>> members = new ArrayList<>();
    private int images;

    /**
     * A request that waits for a thread.
     *
     * @param call context of its call
     */
    record Task<T>(Context call, BatchWork<T> work, CompletableFuture<T> result, ThreadPoolExecutor threads)
            implements Runnable {
        @Override
        public void run() {
            new Batch(this).compute();
        }

        /** Runs a step in the context of the call; a failure is the result. Null after a failure. */
        private <R> R step(Supplier<R> step) {
            Context before = call.attach();
            try {
                PredictionPool.throwIfCancelled();
                return step.get();
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
                return null;
            } finally {
                call.detach(before);
            }
        }
    }

    /** A request whose images are prepared. */
    private record Prepared<T>(Task<T> task, float[] nchw) {
        List<Prediction> predict() {
            return task.work().lease().predictor().predictTensor(nchw, products());
        }

        List<String> products() {
            return Collections.nCopies(task.work().images(), task.work().product());
        }

        void answer(BatchWork.Outputs outputs) {
            T answer = task.step(() -> task.work().answer(outputs));
            task.result().complete(answer); // no effect after a failure
        }
    }

    private record Computed(Supplier<List<Prediction>> source, long nanos, int batch) implements BatchWork.Outputs {
        @Override
        public List<Prediction> predictions() {
            return source.get();
        }
    }

    private Batch(Task<?> first) {
        members.add(first);
        images = first.work().images();
        BatchingConfig.Limits limits = first.work().lease().batching();
        long deadline = System.nanoTime() + limits.maxDelay().toNanos();
        take(first, limits.maxSize());
        while (images < limits.maxSize() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(LOOK_NANOS);
            take(first, limits.maxSize());
        }
    }

    /** Takes requests to the same version out of the queue, as long as they fit. */
    private void take(Task<?> first, int maxSize) {
        if (images >= maxSize) {
            return;
        }
        for (Runnable waiting : first.threads().getQueue()) {
            if (waiting instanceof Task<?> other
                    && other.work().lease().predictor() == first.work().lease().predictor()
                    && images + other.work().images() <= maxSize
                    && first.threads().remove(other)) {
                members.add(other);
                images += other.work().images();
            }
        }
    }

    private void compute() {
        List<Prepared<?>> prepared = new ArrayList<>(members.size());
        for (Task<?> member : members) {
            Prepared<?> one = prepared(member);
            if (one != null) {
                prepared.add(one);
            }
        }
        prepared.removeIf(one -> one.task().step(() -> true) == null); // cancelled while others were prepared
        if (prepared.size() > 1) {
            together(prepared);
        } else {
            prepared.forEach(Batch::alone);
        }
    }

    private static <T> Prepared<T> prepared(Task<T> task) {
        float[] nchw = task.step(task.work()::prepare);
        return nchw == null ? null : new Prepared<>(task, nchw);
    }

    private static void alone(Prepared<?> one) {
        long begin = System.nanoTime();
        List<Prediction> predictions;
        try {
            predictions = one.predict();
        } catch (RuntimeException | Error e) {
            one.answer(new Computed(
                    () -> {
                        throw e;
                    },
                    System.nanoTime() - begin,
                    one.task().work().images()));
            return;
        }
        one.answer(new Computed(
                () -> predictions, System.nanoTime() - begin, one.task().work().images()));
    }

    private static void together(List<Prepared<?>> prepared) {
        int count =
                prepared.stream().mapToInt(one -> one.task().work().images()).sum();
        long begin = System.nanoTime();
        List<Prediction> predictions;
        try {
            float[] nchw = new float
                    [prepared.stream().mapToInt(one -> one.nchw().length).sum()];
            List<String> products = new ArrayList<>(count);
            int offset = 0;
            for (Prepared<?> one : prepared) {
                System.arraycopy(one.nchw(), 0, nchw, offset, one.nchw().length);
                offset += one.nchw().length;
                products.addAll(one.products());
            }
            predictions = prepared.getFirst().task().work().lease().predictor().predictTensor(nchw, products);
        } catch (RuntimeException | OutOfMemoryError _) {
            prepared.forEach(Batch::alone); // so that only those fail whose images are the reason
            return;
        }
        long nanos = System.nanoTime() - begin;
        int first = 0;
        for (Prepared<?> one : prepared) {
            int images = one.task().work().images();
            List<Prediction> own = predictions.subList(first, first + images);
            one.answer(new Computed(() -> own, nanos, first == 0 ? count : 0));
            first += images;
        }
    }
}
