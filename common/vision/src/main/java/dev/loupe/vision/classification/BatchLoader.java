package dev.loupe.vision.classification;

import dev.loupe.vision.training.Workers;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Prepares batches one after the other. Where that is costly, because images are decoded and changed, a thread of its own
 * is one batch ahead, so that the network need not wait; at most two batches are in memory. The order of the random
 * numbers, and so each batch, is the same with and without that thread. For one reading thread; close it when done.
 */
final class BatchLoader implements Iterator<BatchLoader.Batch>, AutoCloseable {
    /**
     * A batch.
     *
     * @param size number of examples
     * @param inputs inputs, one after the other
     * @param targets share of each class in each input, row by row
     */
    record Batch(int size, float[] inputs, float[] targets) {}

    private final TrainingExamples examples;
    private final Iterator<List<Integer>> indices;
    private final ClassBalance balance;
    private final Random random;
    /** Null if batches are prepared when they are asked for. */
    private final ExecutorService worker;

    private Future<Batch> ahead;

    /**
     * @param indices examples of each batch
     * @param balance knows the classes of the examples
     * @param random source of random changes and mixtures, which only this loader may use until it is closed; null for none
     */
    BatchLoader(TrainingExamples examples, List<List<Integer>> indices, ClassBalance balance, Random random) {
        this.examples = examples;
        this.indices = indices.iterator();
        this.balance = balance;
        this.random = random;
        this.worker = examples.isCostly()
                ? Executors.newSingleThreadExecutor(
                        Thread.ofPlatform().name("batches").daemon().factory())
                : null;
        prepareNext();
    }

    private void prepareNext() {
        if (worker != null && indices.hasNext()) {
            List<Integer> next = indices.next();
            ahead = worker.submit(() -> load(next));
        }
    }

    @Override
    public boolean hasNext() {
        return ahead != null || indices.hasNext();
    }

    /** Returns the next batch; an image that can't be read is an exception here. */
    @Override
    public Batch next() {
        if (ahead == null) {
            return load(indices.next());
        }
        Batch batch = Workers.result(ahead, "batch");
        ahead = null;
        prepareNext();
        return batch;
    }

    private Batch load(List<Integer> batch) {
        int length = examples.length();
        float[] inputs = new float[Math.multiplyExact(batch.size(), length)];
        for (int i = 0; i < batch.size(); i++) {
            examples.write(batch.get(i), random, inputs, i * length);
        }
        float[] targets = balance.targets(examples, batch);
        if (random != null) {
            examples.mix(inputs, targets, batch.size(), random);
        }
        return new Batch(batch.size(), inputs, targets);
    }

    @Override
    public void close() {
        if (worker != null) {
            worker.close();
        }
    }
}
