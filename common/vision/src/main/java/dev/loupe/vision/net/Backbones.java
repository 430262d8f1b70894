package dev.loupe.vision.net;

/** The backbones that are built in. */
public final class Backbones {
    private static final float[] ZEROS = {0, 0, 0};
    private static final float[] ONES = {1, 1, 1};
    // Mean and standard deviation of the colours of photographs, those of ImageNet: so that inputs are about standard.
    private static final float[] IMAGENET_MEAN = {.485f, .456f, .406f};
    private static final float[] IMAGENET_STD = {.229f, .224f, .225f};
    private static final float GREY_LEVELS = 255;

    private Backbones() {}

    /** {@link #scattering(int)} for pictures of {@value Backbone#DEFAULT_SIDE} pixels a side. */
    public static Backbone scattering() {
        return scattering(Backbone.DEFAULT_SIDE);
    }

    /**
     * A wavelet scattering network: features that no data taught (see {@code Scattering}). Outputs {@code maps}
     * [n, 419, side/8, side/8] and {@code pooled} [n, 419].
     *
     * @param side of the pictures in pixels, a multiple of 8 from 32 on
     */
    public static Backbone scattering(int side) {
        return Backbone.of("scattering", Scattering.onnx(side), GREY_LEVELS, ZEROS, ONES);
    }

    /**
     * A network of random weights: the control beside a result. A small residual network ({@link Net#residualStages()})
     * with the weights that its training would start from. Outputs {@code stage3} [n, 128, 28, 28], {@code stage4}
     * [n, 256, 14, 14] and {@code pooled} [n, 256].
     */
    public static Backbone random(long seed) {
        int side = Backbone.DEFAULT_SIDE;
        OnnxGraph graph = OnnxGraph.create("random");
        String value = graph.input("image", -1, 3, side, side);
        int number = 0;
        for (Net stage : Net.residualStages()) {
            value = NetOnnx.append(graph, value, stage, stage.initialWeights(seed + 1_000_003L * number++));
            if (number > 2) {
                graph.output(value, "stage" + number, -1, number == 3 ? 128 : 256, side >> number, side >> number);
            }
        }
        graph.output(graph.reduce("ReduceMean", value, false, 2, 3), "pooled", -1, 256);
        return Backbone.of("random", graph.toBytes(), GREY_LEVELS, IMAGENET_MEAN, IMAGENET_STD);
    }

    /**
     * The same network with its weights drawn anew: the control that shows what a backbone's training is worth. Each
     * weight comes from a normal distribution of mean 0 and variance 2 / fan-in; biases are 0, batch normalisation is
     * the identity.
     *
     * <p>Source: He et al., "Delving Deep into Rectifiers", ICCV 2015, section 2.2.
     */
    public static Backbone redrawn(Backbone backbone, long seed) {
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
