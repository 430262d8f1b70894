package dev.loupe.model.imported;

import dev.loupe.imaging.ImagePreparation;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.Predictor;
import dev.loupe.model.onnx.InvalidOnnxException;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.onnx.OnnxSession.Tensor;
import dev.loupe.model.trial.InputLayout;
import dev.loupe.model.trial.TrialRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A classifier that was trained elsewhere, in the form of Loupe's own: input {@code [n, 3, height, width]}, output
 * {@code probabilities} {@code [n, labels]}.
 *
 * @param graph the network, between what adapts its input and its output; must not be modified
 * @param preprocessing how an image becomes the input
 * @param layout order of the dimensions of the network's own input
 * @param scores what the network's own output is
 */
public record ImportedClassifier(OnnxGraph graph, Preprocessing preprocessing, InputLayout layout, Scores scores) {
    private static final double SUM_TOLERANCE = 1e-3;

    /** What the output of a classifier is. */
    public enum Scores {
        /** Values in 0..1 with the sum 1. */
        PROBABILITIES,
        /** Any other values: softmax makes probabilities of them. */
        LOGITS
    }

    /**
     * What the user says of a network.
     *
     * @param labels number of labels
     * @param side side of the square that images are resized to; null: that of the input, which must be fixed then
     * @param output name of the output; null: the only one of the shape [n, labels]
     * @param scale the input is {@code (x / scale - mean) / std} for x in 0..255
     * @param mean mean of red, green and blue
     * @param std standard deviation of red, green and blue
     * @param preparation what of an image becomes the input
     * @param blueFirst whether its channels are in the order B, G, R
     */
    public record Settings(
            int labels,
            Integer side,
            String output,
            float scale,
            float[] mean,
            float[] std,
            ImagePreparation preparation,
            boolean blueFirst) {
        /** For whole images, red first. */
        public Settings(int labels, Integer side, String output, float scale, float[] mean, float[] std) {
            this(labels, side, output, scale, mean, std, ImagePreparation.NONE, false);
        }
    }

    /**
     * Checks a network, runs it on trial images, and adapts it.
     *
     * @throws InvalidOnnxException if it cannot be used; the message says what is wrong and what is expected
     */
    public static ImportedClassifier of(byte[] network, Settings settings) {
        OnnxGraph graph = OnnxGraph.read(network);
        try (OnnxSession session = new OnnxSession(network, 1)) {
            return of(graph, session, settings);
        }
    }

    /** Like {@link #of(byte[], Settings)}, from a file, which must not change: its weights are read when they are used. */
    public static ImportedClassifier of(Path network, Settings settings) throws IOException {
        OnnxGraph graph = OnnxGraph.map(network);
        try (OnnxSession session = new OnnxSession(network, 1)) {
            return of(graph, session, settings);
        }
    }

    private static ImportedClassifier of(OnnxGraph graph, OnnxSession session, Settings settings) {
        session.requireOneInput();
        long[] shape = TrialRun.inputShape(session.input());
        InputLayout layout = layout(session.input().getName(), shape);
        boolean first = layout == InputLayout.CHANNELS_FIRST;
        Preprocessing preprocessing = new Preprocessing(
                        side(shape[first ? 3 : 2], settings),
                        side(shape[first ? 2 : 1], settings),
                        settings.scale(),
                        settings.mean(),
                        settings.std())
                .with(settings.preparation());
        TrialRun trial = TrialRun.of(session, preprocessing, layout);
        int output = output(trial, settings);
        trial.check(output);
        Scores scores = scores(trial, output, settings.labels());
        if (!first) {
            transposeInput(graph, preprocessing);
        }
        if (settings.blueFirst()) {
            reverseChannels(graph, preprocessing);
        }
        addProbabilities(graph, trial.names().get(output), scores, settings.labels());
        return new ImportedClassifier(graph, preprocessing, layout, scores);
    }

    /** The adapted network as an ONNX file. */
    public byte[] onnx() {
        return graph.toBytes();
    }

    private static void transposeInput(OnnxGraph graph, Preprocessing preprocessing) {
        graph.replaceInput(
                new long[] {-1, 3, preprocessing.height(), preprocessing.width()},
                planes -> graph.node("Transpose", List.of(planes), OnnxAttribute.of("perm", new long[] {0, 2, 3, 1})));
    }

    private static void reverseChannels(OnnxGraph graph, Preprocessing preprocessing) {
        graph.replaceInput(
                new long[] {-1, 3, preprocessing.height(), preprocessing.width()},
                rgb -> graph.node(
                        "Gather", List.of(rgb, graph.integers("order", 2, 1, 0)), OnnxAttribute.of("axis", 1)));
    }

    private static void addProbabilities(OnnxGraph graph, String output, Scores scores, int labels) {
        String probabilities =
                switch (scores) {
                    case PROBABILITIES -> output;
                    case LOGITS -> graph.node("Softmax", List.of(output), OnnxAttribute.of("axis", -1));
                };
        try {
            graph.withoutOutputs().output(probabilities, Predictor.PROBABILITIES, -1, labels);
        } catch (IllegalArgumentException e) {
            throw new InvalidOnnxException(
                    e.getMessage() + ", which is the name of what Loupe adds to the model: rename it", e);
        }
    }

    private static InputLayout layout(String input, long... shape) {
        if (shape.length == 4 && shape[1] == 3) {
            return InputLayout.CHANNELS_FIRST;
        }
        if (shape.length == 4 && shape[3] == 3) {
            return InputLayout.CHANNELS_LAST;
        }
        throw new InvalidOnnxException("the input '" + input
                + "' must be [n, 3, height, width] or [n, height, width, 3], it is " + Arrays.toString(shape));
    }

    private static int side(long declared, Settings settings) {
        if (declared < 0 && settings.side() == null) {
            throw new InvalidOnnxException(
                    "the sides of the input are dynamic: say to which size images are resized for it");
        }
        if (declared >= 0 && settings.side() != null && declared != settings.side()) {
            throw new InvalidOnnxException(
                    "a side of the input is " + declared + " pixels, and not " + settings.side());
        }
        return TrialRun.side(declared, settings.side() == null ? 0 : settings.side());
    }

    private static int output(TrialRun trial, Settings settings) {
        List<Integer> fitting = new ArrayList<>();
        List<String> shapes = new ArrayList<>();
        for (int i = 0; i < trial.names().size(); i++) {
            String name = trial.names().get(i);
            long[] shape = trial.batch().get(i).shape();
            boolean named = settings.output() == null || settings.output().equals(name);
            if (named && Arrays.equals(shape, new long[] {TrialRun.BATCH, settings.labels()})) {
                fitting.add(i);
            }
            shapes.add("'" + name + "' " + Arrays.toString(shape));
        }
        if (fitting.size() != 1) {
            String wanted = settings.output() == null ? "one output" : "an output '" + settings.output() + "'";
            throw new InvalidOnnxException("expected " + wanted + " [n, " + settings.labels() + "] for "
                    + settings.labels() + " labels, the outputs for " + TrialRun.BATCH + " images are "
                    + String.join(", ", shapes));
        }
        return fitting.getFirst();
    }

    private static Scores scores(TrialRun trial, int output, int labels) {
        for (Tensor tensor : List.of(trial.batch().get(output), trial.white().get(output))) {
            float[] values = tensor.values();
            for (int image = 0; image < values.length / labels; image++) {
                double sum = 0;
                for (int i = image * labels; i < (image + 1) * labels; i++) {
                    if (!(values[i] >= 0 && values[i] <= 1)) {
                        return Scores.LOGITS;
                    }
                    sum += values[i];
                }
                if (Math.abs(sum - 1) > SUM_TOLERANCE) {
                    return Scores.LOGITS;
                }
            }
        }
        return Scores.PROBABILITIES;
    }
}
