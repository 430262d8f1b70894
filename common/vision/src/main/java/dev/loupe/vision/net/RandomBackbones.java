package dev.loupe.vision.net;

import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.List;

/** Backbones with random weights: controls that a result must beat. */
public final class RandomBackbones {
    // Mean and standard deviation of the colours in ImageNet, so that inputs are about standardized.
    private static final float[] IMAGENET_MEAN = {.485f, .456f, .406f};
    private static final float[] IMAGENET_STD = {.229f, .224f, .225f};
    private static final float GREY_LEVELS = 255;

    private RandomBackbones() {}

    /**
     * A network with random weights: a control for results, for users who have no backbone to randomize. It has the
     * layers of MobileNetV2, the smallest backbone that is usually imported, and initial weights as before its
     * training: normal with variance 2 / fan-in (He et al., "Delving Deep into Rectifiers", ICCV 2015), batch
     * normalization the identity. Outputs {@code block6} [n, 32, 28, 28], {@code block13} [n, 96, 14, 14] and {@code
     * pooled} [n, 1280].
     *
     * <p>A shallower random network is not a better control: it is a good texture descriptor by itself.
     */
    public static Backbone mobileNet(long seed) {
        int side = Backbone.DEFAULT_SIDE;
        OnnxGraph graph = OnnxGraph.create("random");
        List<Net> stages = MobileNets.mobileStages();
        String fine = append(graph, graph.input("image", -1, 3, side, side), side, stages.get(0), seed);
        graph.output(fine, "block6", -1, 32, side / 8, side / 8);
        String middle = append(graph, fine, side / 8, stages.get(1), seed + 1);
        graph.output(middle, "block13", -1, 96, side / 16, side / 16);
        String coarse = append(graph, middle, side / 16, stages.get(2), seed + 2);
        graph.output(graph.reduce("ReduceMean", coarse, false, 2, 3), "pooled", -1, 1280);
        return Backbone.of("random", graph.toBytes(), GREY_LEVELS, IMAGENET_MEAN, IMAGENET_STD);
    }

    private static String append(OnnxGraph graph, String input, int side, Net net, long seed) {
        return NetOnnx.append(graph, input, side, net, net.initialWeights(seed));
    }

    /**
     * The same network with new random weights: a control that shows how much the backbone's training contributes. Each
     * weight is drawn from a normal distribution with mean 0 and variance 2 / fan-in; biases are 0, batch normalization
     * is the identity.
     *
     * <p>Source: He et al., "Delving Deep into Rectifiers", ICCV 2015, section 2.2.
     */
    public static Backbone withRandomWeights(Backbone backbone, long seed) {
        OnnxGraph graph = OnnxGraph.read(backbone.onnx());
        RandomWeights.draw(graph.proto(), seed);
        byte[] onnx = graph.toBytes();
        return new Backbone(
                backbone.name() + " with random weights",
                Backbone.sha256(onnx),
                onnx,
                backbone.preprocessing(),
                backbone.featureMaps(),
                backbone.pooled());
    }
}
