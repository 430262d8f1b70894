package dev.loupe.vision.net;

/** The backbones that are built in. */
public final class Backbones {
    private static final float[] ZEROS = {0, 0, 0};
    private static final float[] ONES = {1, 1, 1};
    private static final float GREY_LEVELS = 255;

    private Backbones() {}

    /** {@link #scattering(int)} for pictures of {@value Backbone#DEFAULT_SIDE} pixels a side. */
    public static Backbone scattering() {
        return scattering(Backbone.DEFAULT_SIDE);
    }

    /**
     * A wavelet scattering network: features that no data taught (see {@code Scattering}). Outputs {@code maps}
     * [n, 419, side/8, side/8] and {@code pooled} [n, 1257].
     *
     * @param side of the pictures in pixels, a multiple of 8 from 32 on
     */
    public static Backbone scattering(int side) {
        return Backbone.of("scattering", Scattering.onnx(side), GREY_LEVELS, ZEROS, ONES);
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
