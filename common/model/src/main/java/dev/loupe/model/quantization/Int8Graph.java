package dev.loupe.model.quantization;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.quantization.Constants.Floats;
import dev.loupe.model.quantization.ValueRange.Scale;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Rewrites a graph so that its layers compute with 8-bit integers: weights are signed and symmetric, with a scale for each
 * output channel, values between layers unsigned, with one scale each, which a {@link Calibration} finds. Batch
 * normalisations are folded into convolutions.
 *
 * <p>The graph gets pairs of {@code QuantizeLinear} and {@code DequantizeLinear} around its layers (QDQ form), which ONNX
 * Runtime fuses into integer operators.
 *
 * <p>Source: Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
 * CVPR 2018, section 2; ONNX Runtime's documentation, "Quantize ONNX models".
 */
public final class Int8Graph {
    private final byte[] onnx;
    private final QuantizationPlan plan;

    private Int8Graph(byte[] onnx, QuantizationPlan plan) {
        this.onnx = onnx;
        this.plan = plan;
    }

    /**
     * Plans the rewriting of a model.
     *
     * @param model an ONNX model
     * @param kinds operators that compute with 8-bit integers
     * @throws dev.loupe.model.onnx.InvalidOnnxException if it is not a model
     */
    public static Int8Graph of(byte[] model, Set<LayerKind> kinds) {
        return of(model, kinds, false);
    }

    /** As {@link #of(byte[], Set)}, but the first and the last of these layers stay as they are. */
    public static Int8Graph inner(byte[] model, Set<LayerKind> kinds) {
        return of(model, kinds, true);
    }

    private static Int8Graph of(byte[] model, Set<LayerKind> kinds, boolean inner) {
        OnnxGraph graph = OnnxGraph.read(model);
        FoldedNormalization.apply(graph);
        byte[] onnx = graph.toBytes();
        return new Int8Graph(onnx, new QuantizationPlan(OnnxGraph.read(onnx).proto(), kinds, inner));
    }

    /** Number of layers that compute with 8-bit integers; 0 if the model has none that can. */
    public int layers() {
        return plan.layers().size();
    }

    /** Names of the values whose ranges are needed. */
    public List<String> values() {
        return plan.values().stream()
                .filter(value -> !plan.sameScale().containsKey(value))
                .toList();
    }

    /**
     * Begins a calibration, which computes these values in 32-bit floats.
     *
     * @param threads number of threads that it may use, at least 1
     */
    public Calibration calibration(int threads) {
        return new Calibration(onnx, values(), threads);
    }

    /**
     * Returns the model that computes with 8-bit integers.
     *
     * @param ranges ranges of the {@link #values}
     * @throws IllegalArgumentException if one is missing
     */
    public byte[] quantized(Map<String, ValueRange> ranges) {
        return new Writer(OnnxGraph.read(onnx), scales(ranges)).write();
    }

    private Map<String, Scale> scales(Map<String, ValueRange> ranges) {
        Map<String, Scale> scales = new HashMap<>();
        for (String value : values()) {
            ValueRange range = ranges.get(value);
            if (range == null) {
                throw new IllegalArgumentException("expected a range of the value '" + value + "'");
            }
            scales.put(value, range.scale());
        }
        // In the order of the nodes: what a value is selected from comes before it.
        plan.sameScale().forEach((value, source) -> scales.put(value, scales.get(source)));
        return scales;
    }

    private final class Writer {
        private final OnnxGraph graph;
        private final Map<String, Scale> scales;
        private final List<NodeProto> nodes = new ArrayList<>();
        /** What nodes read instead of a value. */
        private final Map<String, String> rounded = new HashMap<>();

        Writer(OnnxGraph graph, Map<String, Scale> scales) {
            this.graph = graph;
            this.scales = scales;
        }

        byte[] write() {
            GraphProto.Builder proto = graph.proto();
            List<NodeProto> before = List.copyOf(proto.getNodeList());
            graph.inputs().forEach(this::round);
            for (int i = 0; i < before.size(); i++) {
                NodeProto.Builder node = before.get(i).toBuilder();
                for (int k = 0; k < node.getInputCount(); k++) {
                    node.setInput(k, rounded.getOrDefault(node.getInput(k), node.getInput(k)));
                }
                QuantizedLayer layer = plan.layers().get(i);
                if (layer != null) {
                    quantize(node, layer, scales.get(before.get(i).getInput(0)).step());
                }
                nodes.add(node.build());
                before.get(i).getOutputList().forEach(this::round);
            }
            proto.clearNode().addAllNode(nodes);
            return graph.toBytes();
        }

        /** Adds the pair after a value, if that becomes 8-bit integers. */
        private void round(String value) {
            Scale scale = scales.get(value);
            if (scale == null) {
                return;
            }
            String step = graph.scalar(value + "_scale", scale.step());
            String zero = constant(value + "_zero", TensorProto.DataType.UINT8, new byte[] {(byte) scale.zero()});
            String quantized = add("QuantizeLinear", List.of(value, step, zero), value + "_quantized");
            rounded.put(value, add("DequantizeLinear", List.of(quantized, step, zero), value + "_rounded"));
        }

        private void quantize(NodeProto.Builder node, QuantizedLayer layer, float inputScale) {
            Floats weights = layer.weights();
            float[] scales = layer.scales(inputScale);
            String name = node.getInput(1);
            OnnxAttribute axis = OnnxAttribute.of("axis", layer.channelAxis());
            String step = graph.floats(name + "_scale", scales, scales.length);
            String zero = constant(name + "_zero", TensorProto.DataType.INT8, new byte[scales.length], scales.length);
            String quantized = constant(
                    name + "_quantized", TensorProto.DataType.INT8, layer.quantizedWeights(scales), weights.shape());
            node.setInput(1, add("DequantizeLinear", List.of(quantized, step, zero), name + "_rounded", axis));
            if (layer.bias() != null) {
                node.setInput(2, bias(node.getInput(2), layer, scales, inputScale));
            }
        }

        private String bias(String name, QuantizedLayer layer, float[] weightScales, float inputScale) {
            float[] scales = new float[weightScales.length];
            for (int c = 0; c < scales.length; c++) {
                scales[c] = weightScales[c] * inputScale;
            }
            String step = graph.floats(name + "_scale", scales, scales.length);
            String zero =
                    constant(name + "_zero", TensorProto.DataType.INT32, new byte[4 * scales.length], scales.length);
            ByteBuffer values = ByteBuffer.allocate(4 * scales.length).order(ByteOrder.LITTLE_ENDIAN);
            values.asIntBuffer().put(layer.quantizedBias(scales));
            String quantized = constant(name + "_quantized", TensorProto.DataType.INT32, values.array(), scales.length);
            return add(
                    "DequantizeLinear", List.of(quantized, step, zero), name + "_rounded", OnnxAttribute.of("axis", 0));
        }

        private String add(String operator, List<String> inputs, String hint, OnnxAttribute... attributes) {
            String output = graph.fresh(hint);
            NodeProto.Builder node = NodeProto.newBuilder()
                    .setOpType(operator)
                    .setName(output)
                    .addAllInput(inputs)
                    .addOutput(output);
            for (OnnxAttribute attribute : attributes) {
                node.addAttribute(attribute.toProto());
            }
            nodes.add(node.build());
            return output;
        }

        private String constant(String hint, TensorProto.DataType type, byte[] raw, long... shape) {
            TensorProto.Builder tensor = TensorProto.newBuilder()
                    .setName(graph.fresh(hint))
                    .setDataType(type.getNumber())
                    .setRawData(ByteString.copyFrom(raw));
            LongStream.of(shape).forEach(tensor::addDims);
            graph.proto().addInitializer(tensor);
            return tensor.getName();
        }
    }
}
