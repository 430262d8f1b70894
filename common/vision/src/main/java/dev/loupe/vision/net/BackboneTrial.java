package dev.loupe.vision.net;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OrtEnvironment;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Message;
import dev.loupe.vision.net.Backbone.FeatureMap;
import dev.loupe.vision.net.Backbone.PooledFeatures;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A program that tries an ONNX file as a backbone, for a process of its own: what a file that a user sent may cost is
 * not known before it was tried. It ends when its standard input does, so that it does not outlive the one who asks.
 */
public final class BackboneTrial {
    private static final int NUMBERS = 7;
    private static final int LONGEST_REASON = 500;

    /**
     * What came of it.
     *
     * @param refused why the file can't serve as a backbone, null if it can
     * @param featureMaps outputs {@code [n, channels, height, width]}, from fine to coarse
     * @param pooled the output {@code [n, size]}, null if there is none
     */
    public record Outcome(String refused, List<FeatureMap> featureMaps, PooledFeatures pooled) {
        static Outcome refusal(String reason) {
            String shown = reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON) + "...";
            return new Outcome(shown.replaceAll("[\\p{Cntrl}&&[^\\n\\t]]", "?"), List.of(), null);
        }
    }

    private BackboneTrial() {}

    /** One class of each jar that the program needs. */
    public static List<Class<?>> program() {
        return List.of(
                BackboneTrial.class,
                OrtEnvironment.class,
                ModelProto.class,
                Message.class,
                ObjectMapper.class,
                JsonFactory.class,
                JsonProperty.class);
    }

    /**
     * @param arguments the ONNX file, the file that the {@link Outcome} is written to as JSON, and how images are prepared:
     *     the scale, three means and three standard deviations
     */
    public static void main(String... arguments) throws IOException {
        Thread.ofPlatform().daemon().start(BackboneTrial::endWithTheCaller);
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
            return Outcome.refusal("a trial needs too much memory: " + e.getMessage());
        }
    }

    private static void endWithTheCaller() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException _) {
            // the caller is gone too
        }
        Runtime.getRuntime().halt(1);
    }
}
