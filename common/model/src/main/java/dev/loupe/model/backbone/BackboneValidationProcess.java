package dev.loupe.model.backbone;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OrtEnvironment;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Message;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.backbone.Backbone.FeatureMap;
import dev.loupe.model.backbone.Backbone.PooledFeatures;
import dev.loupe.model.imported.ImportedClassifier;
import dev.loupe.model.imported.ImportedClassifier.Scores;
import dev.loupe.model.imported.ImportedClassifier.Settings;
import dev.loupe.model.onnx.InsufficientMemoryException;
import dev.loupe.model.onnx.InvalidOnnxException;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.trial.InputLayout;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A program that validates an ONNX file as a backbone or as a classifier, in a separate process, because the resources
 * that an uploaded file needs are unknown before it runs. It ends when its standard input is closed, so that it does not
 * outlive its parent.
 */
public final class BackboneValidationProcess {
    private static final int NUMBERS = 7;
    private static final int CLASSIFIER_ARGUMENTS = 2 + NUMBERS + 3;
    private static final int MAX_REASON_LENGTH = 500;

    /**
     * Result of a validation.
     *
     * @param refused why the file cannot be used, null if it can
     * @param featureMaps of a backbone: outputs {@code [n, channels, height, width]}, from fine to coarse
     * @param pooled of a backbone: the output {@code [n, size]}, null if there is none
     * @param classifier of a classifier: what its network is like, else null
     */
    public record Outcome(
            String refused, List<FeatureMap> featureMaps, PooledFeatures pooled, ClassifierForm classifier) {
        static Outcome refusal(String reason) {
            String shown =
                    reason.length() <= MAX_REASON_LENGTH ? reason : reason.substring(0, MAX_REASON_LENGTH) + "...";
            return new Outcome(shown.replaceAll("[\\p{Cntrl}&&[^\\n\\t]]", "?"), List.of(), null, null);
        }
    }

    /**
     * What the network of a classifier is like.
     *
     * @param width width of its input in pixels
     * @param height height of its input in pixels
     * @param layout order of the dimensions of its input
     * @param scores what its output is
     */
    public record ClassifierForm(int width, int height, InputLayout layout, Scores scores) {}

    private BackboneValidationProcess() {}

    /** One class from each jar on the class path of the program. */
    public static List<Class<?>> program() {
        return List.of(
                BackboneValidationProcess.class,
                Preprocessing.class,
                OrtEnvironment.class,
                ModelProto.class,
                Message.class,
                ObjectMapper.class,
                JsonFactory.class,
                JsonProperty.class);
    }

    /**
     * @param arguments path of the ONNX file, path of the file to which the {@link Outcome} is written as JSON, and the
     *     preprocessing: the scale, three means and three standard deviations; of a classifier also the number of labels,
     *     the side of its input and the name of its output, the last two empty for those that the file declares
     */
    public static void main(String... arguments) throws IOException {
        Thread.ofPlatform().daemon().start(BackboneValidationProcess::endWithTheCaller);
        float[] numbers = new float[NUMBERS];
        for (int i = 0; i < NUMBERS; i++) {
            numbers[i] = Float.parseFloat(arguments[2 + i]);
        }
        Path file = Path.of(arguments[0]);
        float[] mean = Arrays.copyOfRange(numbers, 1, 4);
        float[] std = Arrays.copyOfRange(numbers, 4, NUMBERS);
        Outcome outcome = run(
                file,
                arguments.length == CLASSIFIER_ARGUMENTS
                        ? () -> classifier(file, settings(arguments, numbers[0], mean, std))
                        : () -> backbone(file, numbers[0], mean, std));
        new ObjectMapper().writeValue(Path.of(arguments[1]).toFile(), outcome);
        Runtime.getRuntime().halt(0);
    }

    private static Settings settings(String[] arguments, float scale, float[] mean, float[] std) {
        String side = arguments[2 + NUMBERS + 1];
        String output = arguments[2 + NUMBERS + 2];
        return new Settings(
                Integer.parseInt(arguments[2 + NUMBERS]),
                side.isEmpty() ? null : Integer.valueOf(side),
                output.isEmpty() ? null : output,
                scale,
                mean,
                std);
    }

    private static Outcome backbone(Path file, float scale, float[] mean, float[] std) throws IOException {
        OnnxGraph graph = OnnxGraph.map(file);
        Optional<byte[]> adapted;
        try (OnnxSession session = new OnnxSession(file, 1)) {
            adapted = ChannelsLast.adapted(graph, session);
            if (adapted.isEmpty()) {
                return outcome(BackboneProbe.run(session, scale, mean, std));
            }
        }
        try (OnnxSession session = new OnnxSession(adapted.get(), 1)) {
            return outcome(BackboneProbe.run(session, scale, mean, std));
        }
    }

    private static Outcome outcome(BackboneProbe probe) {
        return new Outcome(null, probe.featureMaps(), probe.pooled(), null);
    }

    private static Outcome classifier(Path file, Settings settings) throws IOException {
        ImportedClassifier network = ImportedClassifier.of(file, settings);
        Preprocessing input = network.preprocessing();
        return new Outcome(
                null,
                List.of(),
                null,
                new ClassifierForm(input.width(), input.height(), network.layout(), network.scores()));
    }

    /** A validation, which reads the file. */
    private interface Validation {
        Outcome run() throws IOException;
    }

    private static Outcome run(Path file, Validation validation) throws IOException {
        try {
            return validation.run();
        } catch (InvalidOnnxException e) {
            return Outcome.refusal(e.getMessage().replace(file.toString(), "the file"));
        } catch (OutOfMemoryError | InsufficientMemoryException e) {
            return Outcome.refusal("validation needs too much memory: " + e.getMessage());
        }
    }

    private static void endWithTheCaller() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException _) {
            // The parent process has ended.
        }
        Runtime.getRuntime().halt(1);
    }
}
