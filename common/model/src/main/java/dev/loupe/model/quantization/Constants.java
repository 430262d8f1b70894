package dev.loupe.model.quantization;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProtoOrBuilder;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.LongStream;

/** The constants of a graph: its initializers, and the values of its nodes {@code Constant}. */
final class Constants {
    private final Map<String, TensorProto> tensors = new HashMap<>();

    /**
     * A tensor of floats, row-major.
     *
     * @param values the numbers
     * @param shape its dimensions
     */
    record Floats(float[] values, long[] shape) {}

    Constants(GraphProtoOrBuilder graph) {
        graph.getInitializerList().forEach(tensor -> tensors.put(tensor.getName(), tensor));
        for (NodeProto node : graph.getNodeList()) {
            if (node.getOpType().equals("Constant")) {
                for (AttributeProto attribute : node.getAttributeList()) {
                    if (attribute.hasT()) {
                        tensors.put(node.getOutput(0), attribute.getT());
                    }
                }
            }
        }
    }

    boolean contains(String name) {
        return tensors.containsKey(name);
    }

    /** The constant of this name with this number of dimensions; null if there is none of floats. */
    Floats floats(String name, int dimensions) {
        TensorProto tensor = tensors.get(name);
        return tensor == null
                        || tensor.getDataType() != TensorProto.DataType.FLOAT.getNumber()
                        || tensor.getDimsCount() != dimensions
                ? null
                : floats(tensor);
    }

    private static Floats floats(TensorProto tensor) {
        long[] shape = tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
        float[] values = new float[Math.toIntExact(LongStream.of(shape).reduce(1, Math::multiplyExact))];
        if (tensor.hasRawData()) {
            ByteBuffer raw = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            raw.asFloatBuffer().get(values);
        } else {
            for (int i = 0; i < values.length; i++) {
                values[i] = tensor.getFloatData(i);
            }
        }
        return new Floats(values, shape);
    }
}
