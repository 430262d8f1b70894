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
import dev.loupe.model.onnx.InvalidOnnxException;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A program that validates an ONNX file as a backbone, in a separate process, because the resources that an uploaded file
 * needs are unknown before it runs. It ends when its standard input is closed, so that it does not outlive its
 * parent.
 */
public final class BackboneValidationProcess {
    private static final int NUMBERS = 7;
    private static final int MAX_REASON_LENGTH = 500;

    /**
     * Result of a validation.
     *
     * @param refused why the file cannot be used as a backbone, null if it can
     * @param featureMaps outputs {@code [n, channels, height, width]}, from fine to coarse
     * @param pooled the output {@code [n, size]}, null if there is none
     */
    public record Outcome(String refused, List<FeatureMap> featureMaps, PooledFeatures pooled) {
        static Outcome refusal(String reason) {
            String shown =
                    reason.length() <= MAX_REASON_LENGTH ? reason : reason.substring(0, MAX_REASON_LENGTH) + "...";
            return new Outcome(shown.replaceAll("[\\p{Cntrl}&&[^\\n\\t]]", "?"), List.of(), null);
        }
    }

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
     *     preprocessing: the scale, three means and three standard deviations
     */
    public static void main(String... arguments) throws IOException {
        Thread.ofPlatform().daemon().start(BackboneValidationProcess::endWithTheCaller);
        float[] numbers = new float[NUMBERS];
        for (int i = 0; i < NUMBERS; i++) {
            numbers[i] = Float.parseFloat(arguments[2 + i]);
        }
        Outcome outcome = run(Path.of(arguments[0]), numbers);
        new ObjectMapper().writeValue(Path.of(arguments[1]).toFile(), outcome);
        Runtime.getRuntime().halt(0);
    }

    private static Outcome run(Path file, float[] numbers) throws IOException {
        try {
            OnnxGraph.map(file);
            try (OnnxSession session = new OnnxSession(file, 1)) {
                BackboneProbe probe = BackboneProbe.run(
                        session,
                        numbers[0],
                        Arrays.copyOfRange(numbers, 1, 4),
                        Arrays.copyOfRange(numbers, 4, NUMBERS));
                return new Outcome(null, probe.featureMaps(), probe.pooled());
            }
        } catch (InvalidOnnxException e) {
            return Outcome.refusal(e.getMessage().replace(file.toString(), "the file"));
        } catch (OutOfMemoryError e) {
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
