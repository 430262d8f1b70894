package dev.loupe.inference.serve;

import dev.loupe.oip.v2.InferBatchStatistics;
import dev.loupe.oip.v2.InferStatistics;
import dev.loupe.oip.v2.ModelStatistics;
import dev.loupe.oip.v2.StatisticDuration;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts the predictions of one version in this replica, and adds up how long they took. Thread-safe.
 *
 * <p>Source: Triton's extension "Statistics".
 */
final class VersionStatistics {
    private final Total success = new Total();
    private final Total fail = new Total();
    private final Total queue = new Total();
    private final Batch all = new Batch();
    private final SortedMap<Integer, Batch> batches = new TreeMap<>();
    private long lastInferenceMillis;
    private long images;
    private long executions;

    /** Durations with their number. */
    private static final class Total {
        private long count;
        private long nanos;

        void add(long more) {
            count++;
            nanos += more;
        }

        StatisticDuration message() {
            return StatisticDuration.newBuilder().setCount(count).setNs(nanos).build();
        }
    }

    /** The parts of executions. */
    private static final class Batch {
        private final Total input = new Total();
        private final Total infer = new Total();
        private final Total output = new Total();

        /** Time within the model counts once for all that it has computed together. */
        void add(Inference inference, long outputNanos) {
            input.add(inference.preprocessingNanos());
            if (inference.batch() > 0) {
                infer.add(inference.inferenceNanos());
            }
            output.add(outputNanos);
        }
    }

    /**
     * Adds a request that was answered.
     *
     * @param queueNanos time that it waited for a thread
     * @param outputNanos time in which its outputs were written
     * @param totalNanos time from its arrival at the queue to its outputs
     */
    synchronized void answered(Inference inference, long queueNanos, long outputNanos, long totalNanos) {
        int size = inference.predictions().size();
        success.add(totalNanos);
        queue.add(queueNanos);
        all.add(inference, outputNanos);
        if (inference.batch() > 0) {
            executions++;
            batches.computeIfAbsent(inference.batch(), _ -> new Batch()).add(inference, outputNanos);
        }
        images += size;
        lastInferenceMillis = System.currentTimeMillis();
    }

    /** Adds a request that failed after this time. */
    synchronized void failed(long nanos) {
        fail.add(nanos);
    }

    synchronized ModelStatistics message(String model, int version) {
        ModelStatistics.Builder statistics = ModelStatistics.newBuilder()
                .setName(model)
                .setVersion(String.valueOf(version))
                .setLastInference(lastInferenceMillis)
                .setInferenceCount(images)
                .setExecutionCount(executions)
                .setInferenceStats(InferStatistics.newBuilder()
                        .setSuccess(success.message())
                        .setFail(fail.message())
                        .setQueue(queue.message())
                        .setComputeInput(all.input.message())
                        .setComputeInfer(all.infer.message())
                        .setComputeOutput(all.output.message()));
        batches.forEach((size, batch) -> statistics.addBatchStats(InferBatchStatistics.newBuilder()
                .setBatchSize(size)
                .setComputeInput(batch.input.message())
                .setComputeInfer(batch.infer.message())
                .setComputeOutput(batch.output.message())));
        return statistics.build();
    }
}
