package dev.loupe.vision.net;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import dev.loupe.vision.net.Layer.AdaptiveAverage;
import dev.loupe.vision.net.Layer.Concat;
import dev.loupe.vision.net.Layer.Convolution;
import dev.loupe.vision.net.Layer.Flatten;
import dev.loupe.vision.net.Layer.GlobalAverage;
import dev.loupe.vision.net.Layer.Linear;
import dev.loupe.vision.net.Layer.MaxPool;
import dev.loupe.vision.net.Layer.Relu;
import dev.loupe.vision.net.Layer.Relu6;
import dev.loupe.vision.net.Layer.Residual;
import dev.loupe.vision.net.Layer.Upsample;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link Net} as DJL blocks, with its weights in native memory that the given manager owns. Not thread-safe.
 */
public final class NetBlock implements TrainableNetwork {
    /** Share of the running statistics that is kept in each step. */
    private static final float MOMENTUM = 0.9f;

    private final Block block;
    private final ParameterStore store;
    private final List<Parameter> parameters = new ArrayList<>();

    /**
     * @param net network to build
     * @param weights initial weights, in the order of {@link Net#weightShapes()}
     * @param input shape of a batch
     * @param manager manager that owns the weights
     */
    public NetBlock(Net net, List<float[]> weights, Shape input, NDManager manager) {
        block = sequence(net.layers());
        store = new ParameterStore(manager, false);
        block.initialize(manager, DataType.FLOAT32, input);
        set(weights);
    }

    private SequentialBlock sequence(List<Layer> layers) {
        SequentialBlock sequence = new SequentialBlock();
        layers.forEach(layer -> sequence.add(block(layer)));
        return sequence;
    }

    private Block block(Layer layer) {
        return switch (layer) {
            case Convolution c ->
                remember(Conv2d.builder()
                        .setKernelShape(new Shape(c.kernel(), c.kernel()))
                        .optStride(new Shape(c.stride(), c.stride()))
                        .optPadding(new Shape(c.margin(), c.margin()))
                        .setFilters(c.out())
                        .optGroups(c.groups())
                        .optBias(c.bias())
                        .build());
            case Layer.BatchNorm _ ->
                normalisation(BatchNorm.builder()
                        .optEpsilon(Layer.BatchNorm.EPSILON)
                        .optMomentum(MOMENTUM)
                        .build());
            case Relu _ -> Activation.reluBlock();
            case Relu6 _ -> LambdaBlock.singleton(array -> array.clip(0, Relu6.MAX));
            case MaxPool p ->
                Pool.maxPool2dBlock(
                        new Shape(p.kernel(), p.kernel()),
                        new Shape(p.stride(), p.stride()),
                        new Shape(p.margin(), p.margin()),
                        p.whole());
            case AdaptiveAverage a -> LambdaBlock.singleton(array -> average(array, a));
            case Upsample u ->
                LambdaBlock.singleton(array -> array.repeat(2, u.factor()).repeat(3, u.factor()));
            case GlobalAverage _ -> Pool.globalAvgPool2dBlock();
            case Flatten _ -> Blocks.batchFlattenBlock();
            case Layer.Dropout d ->
                ai.djl.nn.norm.Dropout.builder().optRate(d.rate()).build();
            case Linear l ->
                remember(ai.djl.nn.core.Linear.builder().setUnits(l.out()).build());
            case Residual r -> {
                Block body = sequence(r.body());
                Block shortcut = r.shortcut().isEmpty() ? Blocks.identityBlock() : sequence(r.shortcut());
                yield new ParallelBlock(
                        lists -> new NDList(
                                lists.get(0).singletonOrThrow().add(lists.get(1).singletonOrThrow())),
                        List.of(body, shortcut));
            }
            case Concat c ->
                new ParallelBlock(
                        lists -> new NDList(NDArrays.concat(
                                new NDList(
                                        lists.get(0).singletonOrThrow(),
                                        lists.get(1).singletonOrThrow()),
                                1)),
                        List.of(sequence(c.first()), sequence(c.second())));
        };
    }

    private static NDArray average(NDArray array, AdaptiveAverage layer) {
        int height = (int) array.getShape().get(2);
        int width = (int) array.getShape().get(3);
        if (height == layer.side() && width == layer.side()) {
            return array;
        }
        NDManager manager = array.getManager();
        NDArray rows = manager.create(layer.shares(height), new Shape(layer.side(), height));
        NDArray columns = manager.create(layer.shares(width), new Shape(layer.side(), width));
        return rows.matMul(array.matMul(columns.transpose()));
    }

    private Block remember(Block leaf) {
        leaf.getDirectParameters().values().forEach(parameters::add);
        return leaf;
    }

    private Block normalisation(Block leaf) {
        for (String name : List.of("gamma", "beta", "runningMean", "runningVar")) {
            parameters.add(leaf.getDirectParameters().get(name));
        }
        return leaf;
    }

    @Override
    public NDArray forward(NDArray input, boolean training) {
        return block.forward(store, new NDList(input), training).singletonOrThrow();
    }

    /** The weights, in the order of {@link Net#weightShapes()}. */
    @Override
    public List<NDArray> arrays() {
        return parameters.stream().map(Parameter::getArray).toList();
    }

    @Override
    public boolean learnt(int weight) {
        return parameters.get(weight).requiresGradient();
    }
}
