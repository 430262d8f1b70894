package dev.loupe.vision.net.imported;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.loupe.model.onnx.InvalidOnnxException;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.vision.net.Torch;
import dev.loupe.vision.net.TrainableNetwork;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Collectors;

/**
 * A network from an ONNX graph with one input and one output: it is trained as it is, and written back with other
 * weights. Its weights are the float tensors that convolutions, products, normalisations and biases read; its layers are
 * the convolutions and products with a weight, in the order of the graph. A normalisation or a bias belongs to the layer
 * before it.
 */
public final class ImportedNet {
    /** Largest difference from ONNX Runtime, as a share of the largest value. */
    private static final double TOLERANCE = 1e-3;

    private final byte[] onnx;
    private final String input;
    private final String output;
    private final List<NodeProto> nodes;
    private final Map<String, Value> constants = new HashMap<>();
    private final List<Weight> weights = new ArrayList<>();
    private int layers;

    /** What a weight does. */
    enum Role {
        KERNEL,
        /** A bias, or a weight of a normalisation. */
        BIAS,
        /** A running mean or variance: not learnt by gradient descent. */
        STATISTIC
    }

    /**
     * A float tensor of the graph that changes in training.
     *
     * @param layer index of its layer, from 0 at the input
     */
    record Weight(String name, Value.Constant initial, Role role, int layer) {}

    private ImportedNet(OnnxGraph graph) {
        if (graph.inputs().size() != 1 || graph.outputs().size() != 1) {
            throw new InvalidOnnxException("expected a network with one input and one output, got the inputs "
                    + graph.inputs() + " and the outputs " + graph.outputs());
        }
        onnx = graph.toBytes();
        GraphProto proto = OnnxGraph.read(onnx).proto().build();
        input = graph.inputs().getFirst();
        output = graph.outputs().getFirst();
        nodes = proto.getNodeList();
        proto.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), Value.of(tensor)));
        findWeights();
    }

    /**
     * Reads a network.
     *
     * @throws InvalidOnnxException if it can't be trained; the message names all operators that prevent it
     */
    public static ImportedNet read(byte[] onnx) {
        OnnxGraph graph = OnnxGraph.read(onnx);
        Map<String, Long> unknown = graph.proto().getNodeList().stream()
                .filter(node -> !Operators.supports(node))
                .collect(Collectors.groupingBy(
                        node -> node.getDomain().isEmpty()
                                ? node.getOpType()
                                : node.getDomain() + "." + node.getOpType(),
                        TreeMap::new,
                        Collectors.counting()));
        if (!unknown.isEmpty()) {
            throw new InvalidOnnxException("the network can't be trained through these operators: "
                    + unknown.entrySet().stream()
                            .map(one ->
                                    one.getKey() + " (" + one.getValue() + (one.getValue() == 1 ? " node)" : " nodes)"))
                            .collect(Collectors.joining(", "))
                    + ". Its frozen features can be used with the recipe transfer");
        }
        fold(graph.proto());
        separate(graph);
        return new ImportedNet(graph);
    }

    /** Computes numbers that depend on constants alone, such as a transposed or a quantised weight. */
    private static void fold(GraphProto.Builder graph) {
        Map<String, Value> known = new HashMap<>();
        graph.getInitializerList().forEach(tensor -> known.put(tensor.getName(), Value.of(tensor)));
        List<NodeProto> kept = new ArrayList<>();
        try (NDManager manager = Torch.newManager()) {
            for (NodeProto node : graph.getNodeList()) {
                List<Value> inputs =
                        node.getInputList().stream().map(known::get).toList();
                if (node.getOutputCount() > 1 || inputs.stream().anyMatch(Objects::isNull)) {
                    kept.add(node);
                    continue;
                }
                Value value = onHost(Operators.apply(new NodeCall(node, inputs, false, false, manager))
                        .getFirst());
                known.put(node.getOutput(0), value);
                if (value instanceof Value.Constant constant) {
                    graph.addInitializer(OnnxGraph.floatTensor(node.getOutput(0), constant.values(), constant.shape()));
                } else {
                    kept.add(node); // integers of any type
                }
            }
        }
        graph.clearNode().addAllNode(kept);
    }

    private static Value onHost(Value value) {
        return value instanceof Value.Floats(NDArray array)
                ? new Value.Constant(array.toFloatArray(), array.getShape().getShape())
                : value;
    }

    /** Gives each batch normalisation weights of its own: exporters write equal ones once. */
    private static void separate(OnnxGraph graph) {
        GraphProto.Builder proto = graph.proto();
        Map<String, Value> tensors = new HashMap<>();
        proto.getInitializerList().forEach(tensor -> tensors.put(tensor.getName(), Value.of(tensor)));
        List<String> used = new ArrayList<>();
        for (NodeProto.Builder node : proto.getNodeBuilderList()) {
            for (int i = 1; node.getOpType().equals("BatchNormalization") && i < node.getInputCount(); i++) {
                String name = node.getInput(i);
                if (used.contains(name) && tensors.get(name) instanceof Value.Constant constant) {
                    node.setInput(i, graph.floats(name, constant.values(), constant.shape()));
                }
                used.add(node.getInput(i));
            }
        }
    }

    private void findWeights() {
        Map<String, NodeProto> producers = new HashMap<>();
        for (NodeProto node : nodes) {
            switch (node.getOpType()) {
                case "Conv", "Gemm" -> {
                    addLayer(node, 1);
                    add(node, 2, Role.BIAS);
                }
                case "MatMul" -> addLayer(node, constants.containsKey(node.getInput(0)) ? 0 : 1);
                case "BatchNormalization" -> {
                    add(node, 1, Role.BIAS);
                    add(node, 2, Role.BIAS);
                    add(node, 3, Role.STATISTIC);
                    add(node, 4, Role.STATISTIC);
                }
                case "LayerNormalization" -> {
                    add(node, 1, Role.BIAS);
                    add(node, 2, Role.BIAS);
                }
                case "PRelu" -> add(node, 1, Role.BIAS);
                case "Add" -> {
                    for (int i = 0; i < 2; i++) {
                        NodeProto other = producers.get(node.getInput(1 - i));
                        if (other != null && List.of("Conv", "MatMul").contains(other.getOpType())) {
                            add(node, i, Role.BIAS);
                        }
                    }
                }
                default -> {}
            }
            node.getOutputList().forEach(name -> producers.put(name, node));
        }
    }

    private void addLayer(NodeProto node, int kernel) {
        if (constants.get(node.getInput(kernel)) instanceof Value.Constant) {
            layers++;
            add(node, kernel, Role.KERNEL);
        }
    }

    private void add(NodeProto node, int index, Role role) {
        String name = index < node.getInputCount() ? node.getInput(index) : "";
        if (constants.get(name) instanceof Value.Constant constant) {
            constants.remove(name);
            weights.add(new Weight(name, constant, role, Math.max(0, layers - 1)));
        }
    }

    /** Number of layers with weights. */
    public int layers() {
        return layers;
    }

    /** The weights as they were read, in the order of their first use in the graph. */
    public List<float[]> initialWeights() {
        return weights.stream().map(weight -> weight.initial().values()).toList();
    }

    /**
     * Builds the network in native memory.
     *
     * @param values the weights
     * @param rates factor of the learning rate for each layer; a layer with 0 is frozen
     * @param frozenStatistics whether batch normalisation always uses the running statistics and keeps them
     * @param manager manager that owns the weights
     */
    public TrainableNetwork build(
            List<float[]> values, IntToDoubleFunction rates, boolean frozenStatistics, NDManager manager) {
        return new ImportedBlock(this, values, rates, frozenStatistics, manager);
    }

    /** Returns a copy of the graph with these weights. */
    public OnnxGraph graph(List<float[]> values) {
        OnnxGraph graph = OnnxGraph.read(onnx);
        Map<String, TensorProto> changed = new HashMap<>();
        for (int i = 0; i < weights.size(); i++) {
            Weight weight = weights.get(i);
            changed.put(
                    weight.name(),
                    OnnxGraph.floatTensor(
                            weight.name(), values.get(i), weight.initial().shape()));
        }
        GraphProto.Builder proto = graph.proto();
        for (int i = 0; i < proto.getInitializerCount(); i++) {
            TensorProto tensor = proto.getInitializer(i);
            proto.setInitializer(i, changed.getOrDefault(tensor.getName(), tensor));
        }
        return graph;
    }

    /**
     * Checks that the network computes in training what ONNX Runtime computes.
     *
     * @param images a batch for its input
     * @throws InvalidOnnxException if it does not, or an operator has a form that can't be trained through
     */
    public void verify(float[] images, long... shape) {
        float[] expected;
        try (OnnxSession session = new OnnxSession(onnx, 1)) {
            expected = session.run(images, shape, List.of(output)).getFirst().values();
        }
        float[] actual;
        try (NDManager manager = Torch.newManager()) {
            actual = build(initialWeights(), layer -> 0, true, manager)
                    .forward(manager.create(images, new Shape(shape)), false)
                    .toFloatArray();
        }
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
        }
        if (!(difference <= TOLERANCE * Math.max(1, largest))) {
            throw new InvalidOnnxException(
                    "the network can't be trained: in training its output differs by " + difference
                            + " from that of ONNX Runtime. Its frozen features can be used with the recipe transfer");
        }
    }

    String input() {
        return input;
    }

    String output() {
        return output;
    }

    List<NodeProto> nodes() {
        return nodes;
    }

    Map<String, Value> constants() {
        return constants;
    }

    List<Weight> weightList() {
        return weights;
    }
}
