package dev.loupe.model.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class OnnxGraphTest {
    @Test
    void omitsNodesThatNoOutputNeeds() throws IOException {
        OnnxGraph graph = OnnxGraph.create("g");
        String image = graph.input("image", -1, 4);
        String used = graph.node("Add", List.of(image, graph.floats("one", new float[] {1}, 1)));
        graph.node("Mul", List.of(used, graph.floats("unused", new float[] {2}, 1)));
        graph.output(used, "sum", -1, 4);

        ModelProto written = ModelProto.parseFrom(graph.toBytes());
        assertEquals(
                List.of("Add", "Identity"),
                written.getGraph().getNodeList().stream()
                        .map(node -> node.getOpType())
                        .toList());
        assertEquals(1, written.getGraph().getInitializerCount());
    }

    @Test
    void appendsNodesToAnExistingGraph() {
        OnnxGraph first = OnnxGraph.create("g");
        first.output(first.node("Relu", List.of(first.input("image", -1, 3))), "maps", -1, 3);

        OnnxGraph second = OnnxGraph.read(first.toBytes()).withoutOutputs();
        second.output(second.reduce("ReduceMean", "maps", false, 1), "mean", -1);

        assertArrayEquals(new float[] {1, 4}, run(second, new float[] {-1, 1, 2, 3, 4, 5}, 2, 3));
    }

    @Test
    void writesReductionsForTheOpsetOfTheGraph() throws IOException {
        OnnxGraph old = OnnxGraph.create("g");
        old.output(old.node("Relu", List.of(old.input("image", -1, 3))), "maps", -1, 3);
        ModelProto.Builder newer = ModelProto.parseFrom(old.toBytes()).toBuilder();
        newer.getOpsetImportBuilder(0).setVersion(18);

        OnnxGraph graph = OnnxGraph.read(newer.build().toByteArray()).withoutOutputs();
        graph.output(graph.reduce("ReduceMax", "maps", false, 1), "largest", -1);

        assertEquals(18, graph.opset());
        assertArrayEquals(new float[] {2, 5}, run(graph, new float[] {-1, 1, 2, 3, 4, 5}, 2, 3));
    }

    @Test
    void rejectsValuesThatDoNotMatchTheirShape() {
        OnnxGraph graph = OnnxGraph.create("g");
        assertTrue(assertThrows(IllegalArgumentException.class, () -> graph.floats("w", new float[5], 2, 3))
                .getMessage()
                .contains("5 values do not match the shape [2, 3]"));
    }

    @Test
    void rejectsModelThatOnnxRuntimeCannotLoad() {
        OnnxGraph graph = OnnxGraph.create("g");
        graph.output(graph.node("NoSuchOperator", List.of(graph.input("image", -1, 3))), "maps", -1, 3);
        byte[] onnx = graph.toBytes();
        assertTrue(assertThrows(InvalidOnnxException.class, () -> new OnnxSession(onnx, 1))
                .getMessage()
                .contains("NoSuchOperator"));
    }

    private static float[] run(OnnxGraph graph, float[] values, long... shape) {
        try (OnnxSession session = new OnnxSession(graph.toBytes(), 1)) {
            return session.run(values, shape, graph.outputs()).getFirst().values();
        }
    }
}
