package dev.loupe.model.backbone;

import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import java.util.ArrayList;
import java.util.List;

/**
 * A wavelet scattering network as an ONNX graph: features of order 0, 1 and 2 that are not learned from data.
 *
 * <p>Source: J. Bruna and S. Mallat, "Invariant Scattering Convolution Networks", TPAMI 35(8), 2013, sections 2.1 to
 * 2.3 (Morlet wavelets, the modulus, paths of growing scale). This implementation uses {@value #SCALES} scales of one
 * octave each and {@value #ORIENTATIONS} orientations; the averaging window is a square cell of 8 pixels, and the
 * logarithm of the averages is taken (section 4.1 there), which turns changes of contrast into shifts.
 *
 * <p>The paper convolves by FFT; this implementation uses a pyramid: scale j reads the image (or the modulus of a finer
 * scale) averaged over blocks of {@code 2^(j-1)} pixels, convolves with the wavelet of scale 1 and keeps every second
 * place. So one small filter bank is used for all coarser scales. With an even number of taps, places stay in the
 * middle of the blocks.
 *
 * <p>Input {@code image} [n, 3, side, side] in 0..1. Outputs: {@code maps} [n, {@value #CHANNELS}, side/8, side/8], the
 * logarithms: 3 colours, then order 1 by scale and orientation, then order 2 by first scale, second scale, first
 * orientation, second orientation; {@code pooled} [n, {@value #CHANNELS}], the largest value of each map.
 */
public final class Scattering {
    /** Name of this backbone; imported backbones cannot have it. */
    public static final String NAME = "scattering";

    static final int SCALES = 4;
    static final int ORIENTATIONS = 8;
    /** Distance between neighbouring places of the maps, in pixels. */
    static final int CELL = 8;
    /** 3 colours, 4 * 8 of order 1, 6 * 8 * 8 of order 2. */
    static final int CHANNELS = 3 + SCALES * ORIENTATIONS + 6 * ORIENTATIONS * ORIENTATIONS;
    /** Added before the logarithm: contrasts far below a grey level in 255 carry no information. */
    static final float FLOOR = 1e-3f;

    private static final double FINEST_SIGMA = 0.8;
    private static final double FINEST_FREQUENCY = 3 * Math.PI / 4;
    /** Inverse of the ratio between the length of a wavelet along its crests and its width across them. */
    private static final double SLANT = 4.0 / ORIENTATIONS;

    private static final int FINE_TAPS = 5;
    private static final int COARSE_TAPS = 10;

    private final OnnxGraph graph = OnnxGraph.create(NAME);
    private final int side;
    private final String fine = graph.floats("fine", bank(0, FINE_TAPS), 2 * ORIENTATIONS, 1, FINE_TAPS, FINE_TAPS);
    private final String coarse =
            graph.floats("coarse", bank(1, COARSE_TAPS), 2 * ORIENTATIONS, 1, COARSE_TAPS, COARSE_TAPS);
    private final List<String> averages = new ArrayList<>();

    private Scattering(int side) {
        this.side = side;
    }

    /** {@link #backbone(int)} for images of {@value Backbone#DEFAULT_SIDE} pixels a side. */
    public static Backbone backbone() {
        return backbone(Backbone.DEFAULT_SIDE);
    }

    /**
     * Returns the network as a backbone.
     *
     * @param side side of the images in pixels, a multiple of {@value #CELL}, at least 32
     */
    public static Backbone backbone(int side) {
        return Backbone.of(NAME, onnx(side), 255, new float[3], new float[] {1, 1, 1});
    }

    private static byte[] onnx(int side) {
        if (side < 32 || side % CELL != 0) {
            throw new IllegalArgumentException(
                    "scattering: the image size must be at least 32 and a multiple of " + CELL + ", got " + side);
        }
        return new Scattering(side).write();
    }

    private byte[] write() {
        String image = graph.input("image", -1, 3, side, side);
        averages.add(average(image, CELL));
        String[] pyramid = new String[SCALES];
        pyramid[0] = graph.reduce("ReduceMean", image, true, 1);
        String[] moduli = new String[SCALES];
        for (int scale = 0; scale < SCALES; scale++) {
            if (scale > 1) {
                pyramid[scale - 1] = average(pyramid[scale - 2], 2);
            }
            moduli[scale] = modulus(pyramid[Math.max(0, scale - 1)], scale, 1);
            averages.add(average(moduli[scale], CELL >> scale));
        }
        for (int first = 0; first < SCALES; first++) {
            String modulus = moduli[first];
            for (int second = first + 1; second < SCALES; second++) {
                if (second - 1 > first) {
                    modulus = average(modulus, 2);
                }
                averages.add(average(modulus(modulus, second, ORIENTATIONS), CELL >> second));
            }
        }
        writeOutputs();
        return graph.toBytes();
    }

    private void writeOutputs() {
        String all = graph.node("Concat", averages, OnnxAttribute.of("axis", 1));
        String maps = graph.node("Log", List.of(graph.node("Add", List.of(all, graph.scalar("floor", FLOOR)))));
        graph.output(maps, "maps", -1, CHANNELS, side / CELL, side / CELL);
        graph.output(graph.reduce("ReduceMax", maps, false, 2, 3), "pooled", -1, CHANNELS);
    }

    /** Moduli of the wavelet coefficients of each channel: [n, channels, h, w] to [n, channels * 8, h', w']. */
    private String modulus(String input, int scale, int channels) {
        int level = side >> Math.max(0, scale - 1);
        int taps = scale == 0 ? FINE_TAPS : COARSE_TAPS;
        int margin = scale == 0 ? FINE_TAPS / 2 : COARSE_TAPS / 2 - 1;
        int stride = scale == 0 ? 1 : 2;
        String single = channels == 1 ? input : graph.reshape(input, -1, 1, level, level);
        String padded = graph.node(
                "Pad",
                List.of(single, graph.integers("pads", 0, 0, margin, margin, 0, 0, margin, margin)),
                OnnxAttribute.of("mode", "reflect"));
        String waves = graph.node(
                "Conv",
                List.of(padded, scale == 0 ? fine : coarse),
                OnnxAttribute.of("kernel_shape", new long[] {taps, taps}),
                OnnxAttribute.of("strides", new long[] {stride, stride}));
        String squares = graph.node("Mul", List.of(waves, waves));
        String modulus = graph.node(
                "Sqrt",
                List.of(graph.node(
                        "Add",
                        List.of(
                                graph.slice(squares, 1, 0, ORIENTATIONS),
                                graph.slice(squares, 1, ORIENTATIONS, 2 * ORIENTATIONS)))));
        return channels == 1
                ? modulus
                : graph.reshape(modulus, -1, channels * ORIENTATIONS, level / stride, level / stride);
    }

    private String average(String input, int block) {
        if (block == 1) {
            return input;
        }
        return graph.node(
                "AveragePool",
                List.of(input),
                OnnxAttribute.of("kernel_shape", new long[] {block, block}),
                OnnxAttribute.of("strides", new long[] {block, block}));
    }

    /** Real parts of the wavelets of all orientations, then the imaginary parts: [16, 1, taps, taps]. */
    static float[] bank(int scale, int taps) {
        float[] bank = new float[2 * ORIENTATIONS * taps * taps];
        for (int orientation = 0; orientation < ORIENTATIONS; orientation++) {
            double[][] wavelet = morlet(scale, orientation, taps);
            for (int i = 0; i < taps * taps; i++) {
                bank[orientation * taps * taps + i] = (float) wavelet[0][i];
                bank[(ORIENTATIONS + orientation) * taps * taps + i] = (float) wavelet[1][i];
            }
        }
        return bank;
    }

    /**
     * Returns a Morlet wavelet, real and imaginary part, row by row: a plane wave under a Gaussian, shifted to a sum of
     * 0.
     */
    private static double[][] morlet(int scale, int orientation, int taps) {
        double sigma = FINEST_SIGMA * (1 << scale);
        double frequency = FINEST_FREQUENCY / (1 << scale);
        double angle = Math.PI * orientation / ORIENTATIONS;
        double[] envelope = new double[taps * taps];
        double[][] wave = new double[2][taps * taps];
        double[] sum = new double[3];
        for (int i = 0; i < taps * taps; i++) {
            double x = i % taps - (taps - 1) / 2.0;
            double y = i / taps - (taps - 1) / 2.0;
            double across = Math.cos(angle) * x + Math.sin(angle) * y;
            double along = SLANT * (Math.cos(angle) * y - Math.sin(angle) * x);
            envelope[i] = Math.exp(-(across * across + along * along) / (2 * sigma * sigma));
            wave[0][i] = Math.cos(frequency * across) * envelope[i];
            wave[1][i] = Math.sin(frequency * across) * envelope[i];
            sum[0] += wave[0][i];
            sum[1] += wave[1][i];
            sum[2] += envelope[i];
        }
        double norm = 2 * Math.PI * sigma * sigma / SLANT;
        for (int part = 0; part < 2; part++) {
            for (int i = 0; i < taps * taps; i++) {
                wave[part][i] = (wave[part][i] - sum[part] / sum[2] * envelope[i]) / norm;
            }
        }
        return wave;
    }
}
