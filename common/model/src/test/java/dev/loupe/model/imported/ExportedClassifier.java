package dev.loupe.model.imported;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A small classifier that another framework exported, and what that framework computes: written by the programs in
 * {@code src/test/python}.
 *
 * @param file name of the ONNX file
 * @param opset opset of its nodes
 * @param batchNormalization whether batch normalization was not folded into the convolutions
 * @param operators operators of its nodes
 * @param input shape of {@link #images}
 * @param output name of its output: {@code logits} or {@code probabilities}
 * @param expected the output for these images
 */
public record ExportedClassifier(
        String file,
        int opset,
        boolean batchNormalization,
        Set<String> operators,
        List<Integer> input,
        String output,
        float[][] expected) {

    /** Those of PyTorch, then those of Keras. */
    public static Stream<ExportedClassifier> all() {
        return Stream.of("pytorch.json", "keras.json").flatMap(document -> {
            try {
                return Stream.of(new ObjectMapper().readValue(resource(document), ExportedClassifier[].class));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    public byte[] onnx() {
        return resource(file);
    }

    /** Two images: the sines of 0.1 i, in the order of the input's dimensions. */
    public float[] images() {
        float[] values = new float[input.stream().reduce(1, Math::multiplyExact)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(0.1 * i);
        }
        return values;
    }

    private static byte[] resource(String name) {
        try (InputStream in = ExportedClassifier.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return file;
    }
}
