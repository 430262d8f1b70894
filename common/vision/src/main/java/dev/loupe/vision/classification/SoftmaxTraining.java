package dev.loupe.vision.classification;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import dev.loupe.vision.classification.TrainingState.Best;
import dev.loupe.vision.net.Net;
import dev.loupe.vision.net.NetBlock;
import dev.loupe.vision.training.Progress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Trains a network of class scores with mini-batches: softmax cross-entropy, Adam, a learning rate with half-cosine
 * decay (Loshchilov and Hutter, "SGDR", ICLR 2017, equation 5), validation on DEV after each epoch, and early stopping
 * when DEV has not improved for some epochs. Deterministic for a given seed, number of threads and machine, even if it
 * is stopped and resumed.
 */
public final class SoftmaxTraining {
    private final Net net;
    private final TrainingExamples train;
    private final TrainingExamples dev;
    private final Plan plan;
    private final Progress progress;

    /**
     * Hyperparameters.
     *
     * @param epochs most passes over the examples
     * @param batchSize most examples per step
     * @param learningRate initial learning rate of Adam
     * @param penalty L2 penalty on matrices and kernels: {@code penalty / 2 * |W|^2} is added to the mean loss
     * @param patience number of epochs without an improvement on DEV before training stops
     * @param seed seed of the order of the examples and of augmentation
     */
    public record Plan(int epochs, int batchSize, double learningRate, double penalty, int patience, long seed) {}

    /** Receives the state after each epoch. */
    @FunctionalInterface
    public interface Listener {
        void finished(TrainingState state);
    }

    /**
     * @param dev may be empty: then all epochs run, and the last one is the best
     */
    public SoftmaxTraining(Net net, TrainingExamples train, TrainingExamples dev, Plan plan, Progress progress) {
        this.net = net;
        this.train = train;
        this.dev = dev;
        this.plan = plan;
        this.progress = progress;
    }

    /**
     * Trains.
     *
     * @param start state to start or resume from
     * @return the state after the last epoch, including the best weights
     * @throws NonFiniteLossException if the loss becomes NaN or infinite
     * @throws dev.loupe.vision.training.CancelledException if progress is cancelled
     */
    public TrainingState run(TrainingState start, Listener listener) {
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            NetBlock block = new NetBlock(net, start.weights(), batchShape(1), manager);
            Adam adam = new Adam(block, plan.penalty(), start, manager);
            TrainingState state = start;
            while (state.epoch() < plan.epochs() && !gaveUp(state)) {
                state = epoch(state, block, adam, manager);
                listener.finished(state);
            }
            return state;
        }
    }

    private boolean gaveUp(TrainingState state) {
        return state.best() != null && state.epoch() - state.best().epoch() >= plan.patience();
    }

    private TrainingState epoch(TrainingState before, NetBlock block, Adam adam, NDManager manager) {
        int epoch = before.epoch() + 1;
        double loss = pass(before.epoch(), block, adam, manager);
        if (!Double.isFinite(loss)) {
            throw new NonFiniteLossException(before.epoch(), plan.learningRate());
        }
        List<float[]> weights = block.weights();
        Map<String, Double> metrics = new TreeMap<>(Map.of("loss", loss));
        Best best = new Best(epoch, loss, Double.NaN, weights);
        if (dev.size() > 0) {
            Best now = evaluated(epoch, weights, block, manager);
            if (!Double.isFinite(now.loss())) {
                throw new NonFiniteLossException(before.epoch(), plan.learningRate());
            }
            metrics.put("devLoss", now.loss());
            metrics.put("devAccuracy", now.accuracy());
            best = before.best() == null || now.isBetterThan(before.best()) ? now : before.best();
        }
        progress.report("train", epoch, plan.epochs(), metrics);
        return new TrainingState(epoch, weights, adam.firstMoments(), adam.secondMoments(), best);
    }

    /** Makes one pass over all examples in a new order; returns the mean loss. */
    private double pass(int epoch, NetBlock block, Adam adam, NDManager manager) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, train.size()).boxed().toList());
        Random random = new Random(plan.seed() * 1_000_003 + epoch);
        Collections.shuffle(order, random);
        // All batches have about the same size, because batch normalization cannot learn from a batch of a single
        // image.
        int batches = (train.size() + plan.batchSize() - 1) / plan.batchSize();
        double sum = 0;
        for (int b = 0; b < batches; b++) {
            progress.check();
            List<Integer> batch = order.subList(
                    (int) ((long) b * train.size() / batches), (int) ((long) (b + 1) * train.size() / batches));
            double done = epoch + (double) b / batches;
            double rate = plan.learningRate() * (1 + Math.cos(Math.PI * done / plan.epochs())) / 2;
            sum += batch.size() * step(batch, random, block, adam, (long) epoch * batches + b + 1, rate, manager);
        }
        return sum / train.size();
    }

    private double step(
            List<Integer> batch,
            Random random,
            NetBlock block,
            Adam adam,
            long number,
            double rate,
            NDManager manager) {
        try (NDManager scope = manager.newSubManager();
                GradientCollector gradients = Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray scores = block.forward(inputs(train, batch, random, scope), true);
            NDArray loss = loss(scores, train, batch, scope);
            gradients.backward(loss);
            adam.step(number, rate, scope);
            return loss.getFloat();
        }
    }

    private Best evaluated(int epoch, List<float[]> weights, NetBlock block, NDManager manager) {
        double loss = 0;
        long right = 0;
        for (int from = 0; from < dev.size(); from += plan.batchSize()) {
            progress.check();
            List<Integer> batch = IntStream.range(from, Math.min(dev.size(), from + plan.batchSize()))
                    .boxed()
                    .toList();
            try (NDManager scope = manager.newSubManager()) {
                NDArray scores = block.forward(inputs(dev, batch, null, scope), false);
                loss += batch.size() * loss(scores, dev, batch, scope).getFloat();
                long[] answers = scores.argMax(1).toLongArray();
                right += IntStream.range(0, batch.size())
                        .filter(i -> answers[i] == dev.label(batch.get(i)))
                        .count();
            }
        }
        return new Best(epoch, loss / dev.size(), (double) right / dev.size(), weights);
    }

    private static NDArray loss(NDArray scores, TrainingExamples examples, List<Integer> batch, NDManager scope) {
        float[] labels = new float[batch.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = examples.label(batch.get(i));
        }
        return Loss.softmaxCrossEntropyLoss()
                .evaluate(new NDList(scope.create(labels, new Shape(labels.length, 1))), new NDList(scores));
    }

    private NDArray inputs(TrainingExamples examples, List<Integer> batch, Random augmentation, NDManager scope) {
        int length = examples.length();
        float[] values = new float[Math.multiplyExact(batch.size(), length)];
        for (int i = 0; i < batch.size(); i++) {
            examples.write(batch.get(i), augmentation, values, i * length);
        }
        return scope.create(values, batchShape(batch.size()));
    }

    private Shape batchShape(int size) {
        return new Shape(LongStream.concat(LongStream.of(size), LongStream.of(train.shape()))
                .toArray());
    }
}
