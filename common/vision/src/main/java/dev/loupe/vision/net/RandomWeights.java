package dev.loupe.vision.net;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.loupe.model.onnx.InvalidOnnxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

/** Replaces the weights of a graph by random ones, as in an untrained network. */
final class RandomWeights {
    private static final int SCALE = 1;
    private static final int BIAS = 2;

    private RandomWeights() {}

    static void draw(GraphProto.Builder graph, long seed) {
        Random random = new Random(seed);
        Map<String, Function<TensorProto, float[]>> draws = new HashMap<>();
        for (NodeProto node : graph.getNodeList()) {
            switch (node.getOpType()) {
                case "Conv" -> {
                    // [out, in / groups, h, w]
                    put(draws, node, 1, tensor -> he(random, tensor, size(tensor) / tensor.getDims(0)));
                    put(draws, node, BIAS, tensor -> filled(tensor, 0));
                }
                case "Gemm", "MatMul" -> {
                    boolean transposed = node.getAttributeList().stream()
                            .anyMatch(a -> a.getName().equals("transB") && a.getI() == 1);
                    put(draws, node, 1, tensor -> he(random, tensor, tensor.getDims(transposed ? 1 : 0)));
                    put(draws, node, BIAS, tensor -> filled(tensor, 0));
                }
                case "BatchNormalization" -> {
                    float[] values = {1, 0, 0, 1};
                    for (int i = 0; i < values.length; i++) {
                        float value = values[i];
                        put(draws, node, SCALE + i, tensor -> filled(tensor, value));
                    }
                }
                default -> {}
            }
        }
        replaceInitializers(graph, draws);
        replaceConstants(graph, draws);
    }

    private static void put(
            Map<String, Function<TensorProto, float[]>> draws,
            NodeProto node,
            int input,
            Function<TensorProto, float[]> draw) {
        if (input < node.getInputCount()) {
            draws.putIfAbsent(node.getInput(input), draw);
        }
    }

    private static void replaceInitializers(
            GraphProto.Builder graph, Map<String, Function<TensorProto, float[]>> draws) {
        for (int i = 0; i < graph.getInitializerCount(); i++) {
            TensorProto tensor = graph.getInitializer(i);
            Function<TensorProto, float[]> draw = draws.get(tensor.getName());
            if (draw != null) {
                graph.setInitializer(i, with(tensor, draw));
            }
        }
    }

    private static void replaceConstants(GraphProto.Builder graph, Map<String, Function<TensorProto, float[]>> draws) {
        for (NodeProto.Builder node : graph.getNodeBuilderList()) {
            Function<TensorProto, float[]> draw =
                    node.getOpType().equals("Constant") ? draws.get(node.getOutput(0)) : null;
            if (draw != null) {
                for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
                    if (attribute.hasT()) {
                        attribute.setT(with(attribute.getT(), draw));
                    }
                }
            }
        }
    }

    private static TensorProto with(TensorProto tensor, Function<TensorProto, float[]> draw) {
        if (tensor.getDataType() != TensorProto.DataType.FLOAT.getNumber()) {
            throw new InvalidOnnxException(
                    "weights '" + tensor.getName() + "' are not of type float: they can't be replaced by random ones");
        }
        float[] values = draw.apply(tensor);
        ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        return tensor.toBuilder()
                .clearFloatData()
                .setRawData(ByteString.copyFrom(raw))
                .build();
    }

    private static float[] he(Random random, TensorProto tensor, long fanIn) {
        double deviation = Math.sqrt(2.0 / fanIn);
        float[] values = new float[size(tensor)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }

    private static float[] filled(TensorProto tensor, float value) {
        float[] values = new float[size(tensor)];
        Arrays.fill(values, value);
        return values;
    }

    private static int size(TensorProto tensor) {
        return tensor.getDimsList().stream().mapToInt(Long::intValue).reduce(1, Math::multiplyExact);
    }
}
