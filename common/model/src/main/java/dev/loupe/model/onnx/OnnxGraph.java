package dev.loupe.model.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/**
 * Builds an ONNX graph: a new one, or one that was read and is extended. Values are named by strings, as in ONNX; each
 * method that adds an element returns the name of its value.
 *
 * <p>Nodes are written for the graph's own opset, 13 or newer: if the form of an operator depends on the opset (from
 * opset 18 on, reductions take their axes as an input), its method handles that. Not thread-safe.
 *
 * <p>Source: the ONNX specification, onnx.proto and Operators.md.
 */
public final class OnnxGraph {
    /** The minimum opset of graphs that can be read and extended; below 13 they are rewritten for 13. */
    public static final int MIN_OPSET = OnnxUpgrade.FROM;
    /** The opset of new graphs, with IR version 8. */
    public static final int OPSET = 17;

    private static final int REDUCTIONS_TAKE_AXES_AS_INPUT = 18;

    private final ModelProto.Builder model;
    private final GraphProto.Builder graph;
    private final Set<String> names = new HashSet<>();
    private final int opset;

    private OnnxGraph(ModelProto.Builder model, int opset) {
        this.model = model;
        this.graph = model.getGraphBuilder();
        this.opset = opset;
        graph.getInputList().forEach(value -> names.add(value.getName()));
        graph.getInitializerList().forEach(tensor -> names.add(tensor.getName()));
        graph.getNodeList().forEach(node -> names.addAll(node.getOutputList()));
    }

    /** An empty graph of opset {@value #OPSET}. */
    public static OnnxGraph create(String name) {
        ModelProto.Builder model = ModelProto.newBuilder()
                .setIrVersion(8)
                .setProducerName("loupe")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET));
        model.getGraphBuilder().setName(name);
        return new OnnxGraph(model, OPSET);
    }

    /**
     * Reads a graph.
     *
     * @throws InvalidOnnxException if the bytes are not an ONNX model, its opset is older than {@value #MIN_OPSET},
     *     or it violates {@link OnnxRules}
     */
    public static OnnxGraph read(byte[] onnx) {
        try {
            return of(ModelProto.parseFrom(onnx));
        } catch (InvalidProtocolBufferException e) {
            throw notOnnx(e);
        }
    }

    /** Like {@link #read}, from a file: its tensors are memory-mapped, and are read only when they are used. */
    public static OnnxGraph map(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            CodedInputStream in = UnsafeByteOperations.unsafeWrap(
                            channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()))
                    .newCodedInput();
            in.enableAliasing(true);
            return of(ModelProto.parseFrom(in));
        } catch (InvalidProtocolBufferException e) {
            throw notOnnx(e);
        }
    }

    private static InvalidOnnxException notOnnx(InvalidProtocolBufferException e) {
        return new InvalidOnnxException("not an ONNX model: " + e.getMessage(), e);
    }

    private static OnnxGraph of(ModelProto model) {
        if (model.getGraph().getNodeCount() == 0) {
            throw new InvalidOnnxException("not an ONNX model: the graph has no nodes");
        }
        int opset = model.getOpsetImportList().stream()
                .filter(set -> isStandard(set.getDomain()))
                .mapToInt(set -> (int) set.getVersion())
                .max()
                .orElse(0);
        if (opset < MIN_OPSET) {
            throw new InvalidOnnxException(
                    "opset " + opset + " is too old: export the model with opset " + MIN_OPSET + " or newer");
        }
        OnnxRules.check(model);
        return opset < OnnxUpgrade.TO
                ? new OnnxGraph(OnnxUpgrade.apply(model).toBuilder(), OnnxUpgrade.TO)
                : new OnnxGraph(model.toBuilder(), opset);
    }

    /** Whether a domain is that of the standard's operators. */
    static boolean isStandard(String domain) {
        return domain.isEmpty() || domain.equals("ai.onnx");
    }

    /** Opset of the graph's nodes. */
    public int opset() {
        return opset;
    }

    /** Names of the inputs that a caller must provide: those without an initializer. */
    public List<String> inputs() {
        Set<String> initialized = new HashSet<>();
        graph.getInitializerList().forEach(tensor -> initialized.add(tensor.getName()));
        return graph.getInputList().stream()
                .map(ValueInfoProto::getName)
                .filter(name -> !initialized.contains(name))
                .toList();
    }

    /** Names of the outputs. */
    public List<String> outputs() {
        return graph.getOutputList().stream().map(ValueInfoProto::getName).toList();
    }

    /** Adds a text about the model, which {@link OnnxSession#metadata} returns. */
    public void metadata(String key, String value) {
        model.addMetadataProps(StringStringEntryProto.newBuilder().setKey(key).setValue(value));
    }

    /** Adds a float input. A negative dimension is dynamic. */
    public String input(String name, long... dimensions) {
        claim(name);
        graph.addInput(floatValue(name, dimensions));
        return name;
    }

    /**
     * Replaces the only input by another one, from which nodes before all others compute what was the input.
     *
     * @param dimensions of the new input; a negative one is dynamic
     * @param computed adds these nodes, and returns the output of one of them
     */
    public void replaceInput(long[] dimensions, UnaryOperator<String> computed) {
        String former = inputs().getFirst();
        String name = fresh("image");
        for (int i = 0; i < graph.getInputCount(); i++) {
            if (graph.getInput(i).getName().equals(former)) {
                graph.setInput(i, floatValue(name, dimensions));
            }
        }
        int count = graph.getNodeCount();
        String value = computed.apply(name);
        graph.addNode(
                NodeProto.newBuilder().setOpType("Identity").addInput(value).addOutput(former));
        List<NodeProto> nodes = new ArrayList<>(graph.getNodeList());
        Collections.rotate(nodes, -count);
        graph.clearNode().addAllNode(nodes);
    }

    /** Adds a tensor of floats. */
    public String floats(String hint, float[] values, long... dimensions) {
        TensorProto tensor = floatTensor(fresh(hint), values, dimensions);
        graph.addInitializer(tensor);
        return tensor.getName();
    }

    /** A tensor of floats with this name, to replace another. */
    public static TensorProto floatTensor(String name, float[] values, long... dimensions) {
        long size = LongStream.of(dimensions).reduce(1, Math::multiplyExact);
        if (size != values.length) {
            throw new IllegalArgumentException("constant '" + name + "': " + values.length
                    + " values do not match the shape " + Arrays.toString(dimensions));
        }
        ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        return tensor(name, TensorProto.DataType.FLOAT, raw, dimensions);
    }

    /** Adds a float scalar. */
    public String scalar(String hint, float value) {
        return floats(hint, new float[] {value});
    }

    /** Adds a vector of integers: a shape, axes, starts, ends. */
    public String integers(String hint, long... values) {
        ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(values);
        TensorProto tensor = tensor(fresh(hint), TensorProto.DataType.INT64, raw, values.length);
        graph.addInitializer(tensor);
        return tensor.getName();
    }

    private static TensorProto tensor(String name, TensorProto.DataType type, ByteBuffer raw, long... dimensions) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(type.getNumber())
                .setRawData(ByteString.copyFrom(raw));
        LongStream.of(dimensions).forEach(tensor::addDims);
        return tensor.build();
    }

    /** Adds a node with one output and returns the name of that output. */
    public String node(String operator, List<String> inputs, OnnxAttribute... attributes) {
        return nodes(operator, inputs, 1, attributes).getFirst();
    }

    /** Adds a node with several outputs and returns their names. */
    public List<String> nodes(String operator, List<String> inputs, int outputs, OnnxAttribute... attributes) {
        NodeProto.Builder node = NodeProto.newBuilder().setOpType(operator).addAllInput(inputs);
        for (int i = 0; i < outputs; i++) {
            node.addOutput(fresh(operator));
        }
        node.setName(node.getOutput(0));
        for (OnnxAttribute attribute : attributes) {
            node.addAttribute(attribute.toProto());
        }
        graph.addNode(node);
        return List.copyOf(node.getOutputList());
    }

    /**
     * Adds a reduction, in the form that the graph's opset requires.
     *
     * @param operator {@code ReduceMean}, {@code ReduceMax}, {@code ReduceMin} or {@code ReduceL2}
     */
    public String reduce(String operator, String input, boolean keepDimensions, long... axes) {
        OnnxAttribute keep = OnnxAttribute.of("keepdims", keepDimensions ? 1 : 0);
        return opset >= REDUCTIONS_TAKE_AXES_AS_INPUT
                ? node(operator, List.of(input, integers("axes", axes)), keep)
                : node(operator, List.of(input), OnnxAttribute.of("axes", axes), keep);
    }

    /** Adds a reshape: 0 keeps a dimension, -1 infers it. */
    public String reshape(String input, long... shape) {
        return node("Reshape", List.of(input, integers("shape", shape)));
    }

    /** Adds a slice {@code start..end} (end exclusive) of one axis. */
    public String slice(String input, int axis, long start, long end) {
        return node("Slice", List.of(input, integers("start", start), integers("end", end), integers("axis", axis)));
    }

    /** Makes a value an output of the graph with this name. A negative dimension is dynamic. */
    public void output(String value, String name, long... dimensions) {
        if (outputs().contains(name)) {
            throw new IllegalArgumentException("the graph already has an output '" + name + "'");
        }
        if (!value.equals(name)) {
            claim(name);
            graph.addNode(NodeProto.newBuilder()
                    .setOpType("Identity")
                    .setName(name)
                    .addInput(value)
                    .addOutput(name));
        }
        graph.addOutput(floatValue(name, dimensions));
    }

    /**
     * Removes all outputs, so that others can be added. Values keep their names: an output of the graph that was read
     * can still be used as an input of a node.
     */
    public OnnxGraph withoutOutputs() {
        graph.clearOutput();
        return this;
    }

    /** The graph's message, to read its nodes and to replace its weights. */
    public GraphProto.Builder proto() {
        return graph;
    }

    /** Returns the model file, without nodes and tensors that no output needs. */
    public byte[] toBytes() {
        if (graph.getOutputCount() == 0) {
            throw new IllegalStateException("the graph has no output");
        }
        Set<String> needed = needed();
        ModelProto.Builder pruned = model.build().toBuilder();
        GraphProto.Builder body =
                pruned.getGraphBuilder().clearNode().clearInitializer().clearValueInfo();
        graph.getNodeList().stream()
                .filter(node -> node.getOutputList().stream().anyMatch(needed::contains))
                .forEach(body::addNode);
        graph.getInitializerList().stream()
                .filter(tensor -> needed.contains(tensor.getName()))
                .forEach(body::addInitializer);
        return pruned.build().toByteArray();
    }

    private Set<String> needed() {
        Map<String, NodeProto> producers = new HashMap<>();
        graph.getNodeList().forEach(node -> node.getOutputList().forEach(name -> producers.put(name, node)));
        Set<String> needed = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(outputs());
        while (!open.isEmpty()) {
            String name = open.pop();
            NodeProto producer = needed.add(name) ? producers.get(name) : null;
            if (producer != null) {
                open.addAll(usedBy(producer));
            }
        }
        return needed;
    }

    /**
     * Returns the values that a node reads, including values of the enclosing graph that its branches or bodies read.
     */
    private static List<String> usedBy(NodeProto node) {
        List<String> used = new ArrayList<>(node.getInputList());
        for (AttributeProto attribute : node.getAttributeList()) {
            List<GraphProto> bodies = new ArrayList<>(attribute.getGraphsList());
            if (attribute.hasG()) {
                bodies.add(attribute.getG());
            }
            for (GraphProto body : bodies) {
                body.getNodeList().forEach(inner -> used.addAll(usedBy(inner)));
                body.getOutputList().forEach(output -> used.add(output.getName()));
            }
        }
        return used;
    }

    /** Reserves a name that no value has yet: this one, or one that begins with it. */
    public String fresh(String hint) {
        String name = hint;
        for (int i = 1; !names.add(name); i++) {
            name = hint + "_" + i;
        }
        return name;
    }

    /** Gives a value that a node computes another name, so that an output can have this one. It has the former no more. */
    public void release(String name) {
        if (graph.getNodeList().stream().noneMatch(node -> node.getOutputList().contains(name))) {
            return;
        }
        String other = fresh(name);
        for (NodeProto.Builder node : graph.getNodeBuilderList()) {
            List<String> inputs = new ArrayList<>(node.getInputList());
            List<String> outputs = new ArrayList<>(node.getOutputList());
            Collections.replaceAll(inputs, name, other);
            Collections.replaceAll(outputs, name, other);
            node.clearInput().addAllInput(inputs).clearOutput().addAllOutput(outputs);
        }
        names.remove(name);
    }

    private void claim(String name) {
        if (!names.add(name)) {
            throw new IllegalArgumentException("the graph already has a value '" + name + "'");
        }
    }

    private static ValueInfoProto floatValue(String name, long... dimensions) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (int i = 0; i < dimensions.length; i++) {
            TensorShapeProto.Dimension.Builder dimension = shape.addDimBuilder();
            if (dimensions[i] >= 0) {
                dimension.setDimValue(dimensions[i]);
            } else {
                dimension.setDimParam(i == 0 ? "n" : name + "_" + i);
            }
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(TensorProto.DataType.FLOAT.getNumber())
                                .setShape(shape)))
                .build();
    }
}
