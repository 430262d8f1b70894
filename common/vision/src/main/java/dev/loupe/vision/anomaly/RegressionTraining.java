package dev.loupe.vision.anomaly;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.loupe.vision.classification.LearningRateSchedule;
import dev.loupe.vision.classification.NonFiniteLossException;
import dev.loupe.vision.classification.Optimizer;
import dev.loupe.vision.classification.OptimizerSettings;
import dev.loupe.vision.classification.TrainingCheckpoints;
import dev.loupe.vision.classification.TrainingExamples;
import dev.loupe.vision.classification.TrainingState;
import dev.loupe.vision.classification.TrainingState.Best;
import dev.loupe.vision.net.Net;
import dev.loupe.vision.net.NetBlock;
import dev.loupe.vision.net.Torch;
import dev.loupe.vision.net.TrainableNetwork;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.TrainingJob;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Trains a network whose outputs are to be near given ones: mini-batches, the mean squared error, Adam with half a cosine
 * of the learning rate, and early stopping on DEV. Saves its state after epochs. Deterministic for a given seed, number of
 * threads and machine, even if it is stopped and resumed.
 */
public final class RegressionTraining {
    private final TrainingJob job;
    private final Net net;
    private final Examples train;
    private final Examples dev;
    private final RegressionParameters parameters;
    private final LearningRateSchedule schedule = LearningRateSchedule.cosine();

    /** What the network's outputs are to be. */
    @FunctionalInterface
    public interface Targets {
        /**
         * @param images the inputs of a batch
         * @param batch indices of the examples
         * @return the outputs to learn, owned by the manager of the images
         */
        NDArray of(NDArray images, List<Integer> batch);
    }

    /**
     * Inputs and outputs.
     *
     * @param images inputs; their labels are not used
     * @param targets the outputs for them
     */
    public record Examples(TrainingExamples images, Targets targets) {}

    /**
     * Result of a training.
     *
     * @param weights the weights with the lowest loss on DEV, of the last epoch without DEV
     * @param resumedFrom name of the checkpoint that it resumed from, null if it started from the beginning
     */
    public record Result(List<float[]> weights, String resumedFrom) {}

    private RegressionTraining(
            TrainingJob job, Net net, Examples train, Examples dev, RegressionParameters parameters) {
        this.job = job;
        this.net = net;
        this.train = train;
        this.dev = dev;
        this.parameters = parameters;
    }

    /**
     * Trains, or resumes from the job's latest checkpoint.
     *
     * @param job job with the seed, the progress and the checkpoints
     * @param train at least two examples
     * @param dev may be empty: then all epochs run
     * @throws IllegalArgumentException if a batch is too large
     * @throws NonFiniteLossException if the loss becomes NaN or infinite
     * @throws CancelledException if progress is cancelled
     */
    public static Result train(
            TrainingJob job, Net net, Examples train, Examples dev, RegressionParameters parameters) {
        int most = Integer.MAX_VALUE / train.images().length();
        int largest = Math.min(
                parameters.batchSize(),
                Math.max(train.images().size(), dev.images().size()));
        if (largest > most) {
            throw new IllegalArgumentException("batchSize: expected at most " + most + " for images of this size, got "
                    + parameters.batchSize() + ": use smaller batches or smaller images");
        }
        TrainingCheckpoints checkpoints = new TrainingCheckpoints(job.checkpoints(), job.workFolder());
        TrainingState start = checkpoints.stateOr(net.initialWeights(job.seed()));
        try {
            TrainingState trained = new RegressionTraining(job, net, train, dev, parameters).run(start, checkpoints);
            return new Result(trained.best().weights(), checkpoints.resumedFrom());
        } catch (CancelledException e) {
            checkpoints.flush(); // so that the next attempt repeats as little as possible
            throw e;
        }
    }

    private TrainingState run(TrainingState start, TrainingCheckpoints checkpoints) {
        try (NDManager manager = Torch.newManager()) {
            TrainableNetwork network = new NetBlock(net, start.weights(), batchShape(1), manager);
            Optimizer optimizer =
                    new Optimizer(network, OptimizerSettings.adam(parameters.learningRate(), 0), start, manager);
            TrainingState state = start;
            while (state.epoch() < parameters.epochs() && !gaveUp(state)) {
                state = epoch(state, network, optimizer, manager);
                checkpoints.saveEpoch(List.of(), state);
            }
            return state;
        }
    }

    private boolean gaveUp(TrainingState state) {
        return state.best() != null && state.epoch() - state.best().epoch() >= parameters.patience();
    }

    private TrainingState epoch(
            TrainingState before, TrainableNetwork network, Optimizer optimizer, NDManager manager) {
        int epoch = before.epoch() + 1;
        double loss = pass(before, network, optimizer, manager);
        throwIfNotFinite(loss, before);
        List<float[]> weights = network.weights();
        Map<String, Double> metrics = new TreeMap<>(Map.of("loss", loss));
        Best best = new Best(epoch, loss, 0, weights);
        if (dev.images().size() > 0) {
            double devLoss = devLoss(network, manager);
            throwIfNotFinite(devLoss, before);
            metrics.put("devLoss", devLoss);
            boolean improved = before.best() == null || devLoss < before.best().loss();
            best = improved ? new Best(epoch, devLoss, 0, weights) : before.best();
        }
        job.progress().report("train", epoch, parameters.epochs(), metrics);
        return new TrainingState(
                before.stage(),
                epoch,
                weights,
                optimizer.firstMoments(),
                optimizer.secondMoments(),
                List.of(),
                before.plateau(),
                before.foundRate(),
                best);
    }

    private void throwIfNotFinite(double loss, TrainingState before) {
        if (!Double.isFinite(loss)) {
            throw new NonFiniteLossException(before.epoch(), parameters.learningRate());
        }
    }

    /** Makes one pass over all examples in a new order; returns the mean loss. */
    private double pass(TrainingState before, TrainableNetwork network, Optimizer optimizer, NDManager manager) {
        int size = train.images().size();
        List<Integer> order = new ArrayList<>(IntStream.range(0, size).boxed().toList());
        Collections.shuffle(order, new Random(job.seed() * 1_000_003 + before.epoch()));
        // All batches have about the same size and at least two images: batch normalization cannot learn from one.
        int batches = Math.clamp(Math.ceilDiv(size, parameters.batchSize()), 1, size / 2);
        double sum = 0;
        for (int b = 0; b < batches; b++) {
            job.progress().check();
            List<Integer> batch =
                    order.subList((int) ((long) b * size / batches), (int) ((long) (b + 1) * size / batches));
            long step = (long) before.epoch() * batches + b;
            double rate =
                    parameters.learningRate() * schedule.factor(step, batches, parameters.epochs(), before.plateau());
            try (NDManager scope = manager.newSubManager()) {
                sum += batch.size() * backward(batch, network, scope);
                optimizer.step(step + 1, rate, scope);
            }
        }
        return sum / size;
    }

    /** Computes the gradients of a batch; returns its mean loss. */
    private double backward(List<Integer> batch, TrainableNetwork network, NDManager scope) {
        NDArray images = images(train, batch, scope);
        NDArray targets = train.targets().of(images, batch);
        return Torch.compute(batch.size(), () -> {
            try (GradientCollector collector = Torch.engine().newGradientCollector()) {
                NDArray loss = loss(network.forward(images, true), targets);
                collector.backward(loss);
                return (double) loss.getFloat();
            }
        });
    }

    private static NDArray loss(NDArray outputs, NDArray targets) {
        return outputs.sub(targets).square().mean();
    }

    private double devLoss(TrainableNetwork network, NDManager manager) {
        int size = dev.images().size();
        double sum = 0;
        for (int from = 0; from < size; from += parameters.batchSize()) {
            job.progress().check();
            List<Integer> batch = IntStream.range(from, Math.min(size, from + parameters.batchSize()))
                    .boxed()
                    .toList();
            try (NDManager scope = manager.newSubManager()) {
                NDArray images = images(dev, batch, scope);
                NDArray targets = dev.targets().of(images, batch);
                sum += batch.size()
                        * loss(network.forward(images, false), targets).getFloat();
            }
        }
        return sum / size;
    }

    private NDArray images(Examples examples, List<Integer> batch, NDManager scope) {
        int length = examples.images().length();
        float[] values = new float[Math.multiplyExact(batch.size(), length)];
        for (int i = 0; i < batch.size(); i++) {
            examples.images().write(batch.get(i), null, values, i * length);
        }
        return scope.create(values, batchShape(batch.size()));
    }

    private Shape batchShape(int size) {
        return new Shape(LongStream.concat(
                        LongStream.of(size), LongStream.of(train.images().shape()))
                .toArray());
    }
}
