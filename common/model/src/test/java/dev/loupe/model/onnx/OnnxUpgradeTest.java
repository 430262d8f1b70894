package dev.loupe.model.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.loupe.model.onnx.OnnxSession.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class OnnxUpgradeTest {
    private static final long[] SHAPE = {2, 2, 3, 4};

    /** The model with its nodes declared to be of another opset. */
    private static byte[] ofOpset(int opset, OnnxGraph graph) throws InvalidProtocolBufferException {
        ModelProto.Builder model =
                ModelProto.parseFrom(graph.toBytes()).toBuilder().setIrVersion(6);
        model.getOpsetImportBuilder(0).setVersion(opset);
        return model.build().toByteArray();
    }

    private static OnnxGraph operatorsThatChanged() {
        OnnxGraph graph = OnnxGraph.create("g");
        String x = graph.input("image", -1, 2, 3, 4);
        graph.output(graph.node("Softmax", List.of(x)), "over-all", -1, 2, 3, 4);
        graph.output(graph.node("Softmax", List.of(x), OnnxAttribute.of("axis", 2)), "over-two", -1, 2, 3, 4);
        graph.output(graph.node("LogSoftmax", List.of(x), OnnxAttribute.of("axis", -1)), "over-one", -1, 2, 3, 4);
        String wide = graph.node("Unsqueeze", List.of(x), OnnxAttribute.of("axes", new long[] {1, 5}));
        graph.output(wide, "unsqueezed", -1, 1, 2, 3, 4, 1);
        graph.output(
                graph.node("Squeeze", List.of(wide), OnnxAttribute.of("axes", new long[] {5})),
                "squeezed",
                -1,
                1,
                2,
                3,
                4);
        graph.output(
                graph.node("ReduceSum", List.of(x), OnnxAttribute.of("axes", new long[] {1, 3})), "sum", -1, 1, 3, 1);
        List<String> parts = graph.nodes(
                "Split",
                List.of(graph.node("Dropout", List.of(x), OnnxAttribute.of("ratio", 0.2f))),
                2,
                OnnxAttribute.of("axis", 3),
                OnnxAttribute.of("split", new long[] {1, 3}));
        graph.output(parts.get(0), "first", -1, 2, 3, 1);
        graph.output(parts.get(1), "others", -1, 2, 3, 3);
        return graph;
    }

    @Test
    void upgradedModelComputesTheSame() throws InvalidProtocolBufferException {
        byte[] old = ofOpset(11, operatorsThatChanged());
        OnnxGraph upgraded = OnnxGraph.read(old);
        float[] image = new float[48];
        for (int i = 0; i < image.length; i++) {
            image[i] = (float) Math.sin(i);
        }

        assertEquals(13, upgraded.opset());
        try (OnnxSession before = new OnnxSession(old, 1);
                OnnxSession after = new OnnxSession(upgraded.toBytes(), 1)) {
            List<Tensor> expected = before.run(image, SHAPE, upgraded.outputs());
            List<Tensor> actual = after.run(image, SHAPE, upgraded.outputs());
            for (int i = 0; i < expected.size(); i++) {
                String output = upgraded.outputs().get(i);
                assertArrayEquals(expected.get(i).shape(), actual.get(i).shape(), output);
                assertArrayEquals(expected.get(i).values(), actual.get(i).values(), 1e-6f, output);
            }
        }
    }

    @Test
    void refusesAResizeThatOpset13DoesNotHave() throws InvalidProtocolBufferException {
        OnnxGraph graph = OnnxGraph.create("g");
        String image = graph.input("image", -1, 1, 2, 2);
        String scales = graph.floats("scales", new float[] {1, 1, 2, 2}, 4);
        graph.output(
                graph.node(
                        "Resize",
                        List.of(image, graph.floats("roi", new float[0], 0), scales),
                        OnnxAttribute.of("coordinate_transformation_mode", "tf_half_pixel_for_nn")),
                "larger",
                -1,
                1,
                4,
                4);
        byte[] old = ofOpset(12, graph);

        InvalidOnnxException refused = assertThrows(InvalidOnnxException.class, () -> OnnxGraph.read(old));

        assertTrue(refused.getMessage().contains("tf_half_pixel_for_nn"), refused.getMessage());
    }
}
