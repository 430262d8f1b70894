package dev.loupe.model.imported;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.onnx.OnnxSession.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExportedClassifierTest {
    private static final String ALL = "dev.loupe.model.imported.ExportedClassifier#all";
    private static final int MOST_BYTES = 100_000;

    @ParameterizedTest
    @MethodSource(ALL)
    void computesWhatItsFrameworkComputes(ExportedClassifier classifier) {
        assertTrue(classifier.onnx().length < MOST_BYTES, classifier.onnx().length + " bytes");
        computes(classifier, classifier.onnx());
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void isReadAndWrittenWithoutAChangeOfWhatItComputes(ExportedClassifier classifier) {
        OnnxGraph graph = OnnxGraph.read(classifier.onnx());

        assertEquals(List.of(classifier.output()), graph.outputs());
        assertEquals(1, graph.inputs().size());
        computes(classifier, graph.toBytes());
    }

    private static void computes(ExportedClassifier classifier, byte[] onnx) {
        long[] shape = classifier.input().stream().mapToLong(Integer::longValue).toArray();
        try (OnnxSession session = new OnnxSession(onnx, 1)) {
            Tensor output = session.run(classifier.images(), shape, List.of(classifier.output()))
                    .getFirst();
            int labels = classifier.expected()[0].length;
            assertArrayEquals(new long[] {shape[0], labels}, output.shape());
            for (int image = 0; image < shape[0]; image++) {
                float[] row = Arrays.copyOfRange(output.values(), image * labels, (image + 1) * labels);
                assertArrayEquals(classifier.expected()[image], row, 1e-4f, classifier.file());
            }
        }
    }
}
