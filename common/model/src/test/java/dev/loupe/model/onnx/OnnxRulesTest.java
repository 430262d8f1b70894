package dev.loupe.model.onnx;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.loupe.model.backbone.Scattering;
import java.io.IOException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class OnnxRulesTest {
    private static NodeProto.Builder branch(GraphProto body) {
        return NodeProto.newBuilder()
                .setOpType("If")
                .addInput("condition")
                .addOutput("value")
                .addAttribute(AttributeProto.newBuilder()
                        .setName("then_branch")
                        .setType(AttributeProto.AttributeType.GRAPH)
                        .setG(body));
    }

    private static GraphProto body(NodeProto.Builder node) {
        return GraphProto.newBuilder().setName("body").addNode(node).build();
    }

    private static NodeProto.Builder node(String operator) {
        return NodeProto.newBuilder().setOpType(operator).addOutput("value");
    }

    private static byte[] changed(Consumer<ModelProto.Builder> change) throws IOException {
        ModelProto.Builder model = ModelProto.parseFrom(Scattering.backbone(32).onnx()).toBuilder();
        change.accept(model);
        return model.build().toByteArray();
    }

    private static void assertRejected(String reason, Consumer<ModelProto.Builder> change) throws IOException {
        byte[] onnx = changed(change);
        String message = assertThrows(InvalidOnnxException.class, () -> OnnxGraph.read(onnx))
                .getMessage();
        assertTrue(message.contains(reason), message);
    }

    @Test
    void rejectsLoopsInGraphsAndBranches() throws IOException {
        assertRejected("loop", model -> model.getGraphBuilder().addNode(node("Scan")));
        assertRejected("loop", model -> model.getGraphBuilder().addNode(branch(body(branch(body(node("Loop")))))));
    }

    @Test
    void rejectsDeeplyNestedBranches() throws IOException {
        GraphProto deep = body(node("Relu"));
        for (int i = 0; i < 5; i++) {
            deep = body(branch(deep));
        }
        GraphProto deepest = deep;
        assertRejected("branches", model -> model.getGraphBuilder().addNode(branch(deepest)));
        byte[] one = changed(model -> model.getGraphBuilder().addNode(branch(body(node("Relu")))));
        assertDoesNotThrow(() -> OnnxGraph.read(one));
    }

    @Test
    void rejectsWeightsOutsideTheFile() throws IOException {
        TensorProto.Builder huge = TensorProto.newBuilder()
                .setName("w")
                .setDataType(TensorProto.DataType.FLOAT.getNumber())
                .addDims(1L << 40)
                .addDims(1L << 40);
        assertRejected("declares the shape", model -> model.getGraphBuilder().addInitializer(huge));
        AttributeProto constant =
                AttributeProto.newBuilder().setName("value").setT(huge).build();
        assertRejected("declares the shape", model -> model.getGraphBuilder()
                .addNode(node("Constant").addAttribute(constant)));
        assertRejected("sparse", model -> model.getGraphBuilder()
                .addSparseInitializer(SparseTensorProto.newBuilder().addDims(1L << 40)));
    }

    @Test
    void rejectsFunctionsRandomNumbersAndInvalidNames() throws IOException {
        assertRejected(
                "functions",
                model -> model.addFunctions(FunctionProto.newBuilder().setName("f")));
        assertRejected("random", model -> model.getGraphBuilder().addNode(node("RandomUniform")));
        assertRejected(
                "name", model -> model.getGraphBuilder().getOutputBuilder(0).setName("a\0b"));
        assertRejected(
                "name", model -> model.getGraphBuilder().getOutputBuilder(0).setName("n".repeat(300)));
    }
}
