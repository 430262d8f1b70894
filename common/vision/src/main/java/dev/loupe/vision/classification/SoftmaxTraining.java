package dev.loupe.vision.classification;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.loupe.vision.classification.BatchLoader.Batch;
import dev.loupe.vision.classification.ClassLoss.Imbalance;
import dev.loupe.vision.classification.TrainingState.Best;
import dev.loupe.vision.net.Net;
import dev.loupe.vision.net.NetBlock;
import dev.loupe.vision.net.Torch;
import dev.loupe.vision.net.TrainableNetwork;
import dev.loupe.vision.training.Progress;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Trains a network of class scores with mini-batches: validation on DEV after each epoch, and early stopping when DEV
 * has not improved for some epochs. Deterministic for a given seed, number of threads and machine, even if it
 * is stopped and resumed.
 */
public final class SoftmaxTraining {
    private final TrainableNetwork.Builder builder;
    private final TrainingExamples train;
    private final TrainingExamples dev;
    private final Plan plan;
    private final Progress progress;
    private final ClassBalance balance;

    /**
     * Hyperparameters.
     *
     * @param epochs most passes over the examples
     * @param batchSize most examples per step
     * @param patience number of epochs without an improvement on DEV before training stops
     * @param seed seed of the order of the examples, of augmentation and of dropout
     * @param findRate whether a range test chooses the learning rate before the first epoch, instead of the optimizer's
     * @param averageDecay share of the moving average of the weights that a step keeps; 0: the weights themselves are
     *     evaluated
     */
    public record Plan(
            int epochs,
            int batchSize,
            int patience,
            long seed,
            OptimizerSettings optimizer,
            LearningRateSchedule schedule,
            ClassLoss loss,
            boolean findRate,
            double averageDecay) {

        /** Adam, half a cosine, plain cross-entropy. */
        public Plan(int epochs, int batchSize, double learningRate, double penalty, int patience, long seed) {
            this(
                    epochs,
                    batchSize,
                    patience,
                    seed,
                    OptimizerSettings.adam(learningRate, penalty),
                    LearningRateSchedule.cosine(),
                    ClassLoss.PLAIN,
                    false,
                    0);
        }
    }

    /** Receives the state after each epoch. */
    @FunctionalInterface
    public interface Listener {
        void finished(TrainingState state);
    }

    /**
     * @param dev may be empty: then all epochs run, and the last one is the best
     */
    public SoftmaxTraining(Net net, TrainingExamples train, TrainingExamples dev, Plan plan, Progress progress) {
        this((weights, input, manager) -> new NetBlock(net, weights, input, manager), train, dev, plan, progress);
    }

    /** Like the other constructor, for any kind of network. */
    public SoftmaxTraining(
            TrainableNetwork.Builder builder,
            TrainingExamples train,
            TrainingExamples dev,
            Plan plan,
            Progress progress) {
        this.builder = builder;
        this.train = train;
        this.dev = dev;
        this.plan = plan;
        this.progress = progress;
        this.balance = new ClassBalance(train);
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
        try (NDManager manager = Torch.newManager()) {
            boolean finds = plan.findRate() && start.epoch() == 0;
            TrainingState state = finds ? start.withFoundRate(foundRate(start)) : start;
            TrainableNetwork network = builder.build(start.weights(), batchShape(1), manager);
            Optimizer optimizer = new Optimizer(network, plan.optimizer(), start, manager);
            WeightAverage average = new WeightAverage(network, plan.averageDecay(), start, manager);
            while (state.epoch() < plan.epochs() && !gaveUp(state)) {
                state = epoch(state, network, optimizer, average, manager);
                listener.finished(state);
            }
            return state;
        }
    }

    /** Chooses the learning rate by training a network that is then thrown away. */
    private double foundRate(TrainingState start) {
        LearningRateFinder finder = new LearningRateFinder();
        try (NDManager manager = Torch.newManager()) {
            TrainableNetwork network = builder.build(start.weights(), batchShape(1), manager);
            Optimizer optimizer = new Optimizer(network, plan.optimizer(), start, manager);
            Random random = random(start);
            boolean goesOn = true;
            for (long step = 0; goesOn; ) {
                try (BatchLoader batches = new BatchLoader(train, batches(random), balance, random)) {
                    for (; goesOn && batches.hasNext(); step++) {
                        progress.check();
                        try (NDManager scope = manager.newSubManager()) {
                            double rate = finder.rate();
                            double loss = backward(batches.next(), step, network, scope);
                            if (step == 0) {
                                throwIfNotFinite(loss, start);
                            }
                            goesOn = finder.next(loss);
                            optimizer.step(step + 1, rate, scope);
                        }
                    }
                }
            }
        }
        return finder.found();
    }

    private double learningRate(TrainingState state) {
        return Double.isNaN(state.foundRate()) ? plan.optimizer().learningRate() : state.foundRate();
    }

    private Random random(TrainingState before) {
        return new Random(plan.seed() * 1_000_003 + before.epoch());
    }

    private boolean gaveUp(TrainingState state) {
        return state.best() != null && state.epoch() - state.best().epoch() >= plan.patience();
    }

    private TrainingState epoch(
            TrainingState before,
            TrainableNetwork network,
            Optimizer optimizer,
            WeightAverage average,
            NDManager manager) {
        int epoch = before.epoch() + 1;
        double loss = pass(before, network, optimizer, average, manager);
        throwIfNotFinite(loss, before);
        List<float[]> weights = network.weights();
        List<float[]> averages = average.weights();
        List<float[]> evaluated = averages.isEmpty() ? weights : averages;
        Map<String, Double> metrics = new TreeMap<>(Map.of("loss", loss));
        Best best = new Best(epoch, loss, Double.NaN, evaluated);
        double watched = loss;
        if (dev.size() > 0) {
            network.set(evaluated);
            Best now = evaluated(epoch, evaluated, network, manager);
            network.set(weights);
            throwIfNotFinite(now.loss(), before);
            metrics.put("devLoss", now.loss());
            metrics.put("devAccuracy", now.accuracy());
            best = before.best() == null || now.isBetterThan(before.best()) ? now : before.best();
            watched = now.loss();
        }
        if (!Double.isNaN(before.foundRate())) {
            metrics.put("learningRate", before.foundRate());
        }
        progress.report("train", epoch, plan.epochs(), metrics);
        return new TrainingState(
                before.stage(),
                epoch,
                weights,
                optimizer.firstMoments(),
                optimizer.secondMoments(),
                averages,
                before.plateau().after(watched, plan.schedule()),
                before.foundRate(),
                best);
    }

    private void throwIfNotFinite(double loss, TrainingState before) {
        if (!Double.isFinite(loss)) {
            throw new NonFiniteLossException(before.epoch(), learningRate(before));
        }
    }

    /** Makes one pass over all examples in a new order; returns the mean loss. */
    private double pass(
            TrainingState before,
            TrainableNetwork network,
            Optimizer optimizer,
            WeightAverage average,
            NDManager manager) {
        Random random = random(before);
        List<List<Integer>> indices = batches(random);
        int count = indices.size();
        double sum = 0;
        try (BatchLoader batches = new BatchLoader(train, indices, balance, random)) {
            for (long step = (long) before.epoch() * count; batches.hasNext(); step++) {
                progress.check();
                Batch batch = batches.next();
                double rate =
                        learningRate(before) * plan.schedule().factor(step, count, plan.epochs(), before.plateau());
                try (NDManager scope = manager.newSubManager()) {
                    sum += batch.size() * backward(batch, step, network, scope);
                    optimizer.step(step + 1, rate, scope);
                    average.step(step + 1, scope);
                }
            }
        }
        return sum / train.size();
    }

    /**
     * All examples in a new order, in batches of about the same size, because batch normalization cannot learn from a
     * batch of a single image.
     */
    private List<List<Integer>> batches(Random random) {
        List<Integer> order =
                plan.loss().imbalance() == Imbalance.SAMPLING ? balance.sample(random) : balance.shuffle(random);
        int count = (train.size() + plan.batchSize() - 1) / plan.batchSize();
        return IntStream.range(0, count)
                .mapToObj(b -> order.subList(
                        (int) ((long) b * train.size() / count), (int) ((long) (b + 1) * train.size() / count)))
                .toList();
    }

    /** Computes the gradients of a batch; returns its mean loss. */
    private double backward(Batch batch, long step, TrainableNetwork network, NDManager scope) {
        Engine engine = Torch.engine();
        engine.setRandomSeed(Long.hashCode(plan.seed() * 1_000_003 + step)); // of dropout
        return Torch.compute(batch.size(), () -> {
            try (GradientCollector collector = engine.newGradientCollector()) {
                NDArray scores = network.forward(scope.create(batch.inputs(), batchShape(batch.size())), true);
                NDArray loss = plan.loss().mean(scores, batch.targets(), balance.weights(plan.loss()), scope);
                collector.backward(loss);
                return (double) loss.getFloat();
            }
        });
    }

    private Best evaluated(int epoch, List<float[]> weights, TrainableNetwork network, NDManager manager) {
        List<List<Integer>> indices = IntStream.iterate(0, from -> from < dev.size(), from -> from + plan.batchSize())
                .mapToObj(from -> IntStream.range(from, Math.min(dev.size(), from + plan.batchSize()))
                        .boxed()
                        .toList())
                .toList();
        double loss = 0;
        long right = 0;
        try (BatchLoader batches = new BatchLoader(dev, indices, balance, null)) {
            for (List<Integer> examples : indices) {
                progress.check();
                Batch batch = batches.next();
                try (NDManager scope = manager.newSubManager()) {
                    NDArray scores = Torch.compute(
                            batch.size(),
                            () -> network.forward(scope.create(batch.inputs(), batchShape(batch.size())), false));
                    loss += batch.size()
                            * ClassLoss.PLAIN
                                    .mean(scores, batch.targets(), balance.weights(ClassLoss.PLAIN), scope)
                                    .getFloat();
                    long[] answers = scores.argMax(1).toLongArray();
                    right += IntStream.range(0, batch.size())
                            .filter(i -> answers[i] == dev.label(examples.get(i)))
                            .count();
                }
            }
        }
        return new Best(epoch, loss / dev.size(), (double) right / dev.size(), weights);
    }

    private Shape batchShape(int size) {
        return new Shape(LongStream.concat(LongStream.of(size), LongStream.of(train.shape()))
                .toArray());
    }
}
