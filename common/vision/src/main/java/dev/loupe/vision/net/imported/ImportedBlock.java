package dev.loupe.vision.net.imported;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.loupe.vision.net.TrainableNetwork;
import dev.loupe.vision.net.imported.ImportedNet.Role;
import dev.loupe.vision.net.imported.ImportedNet.Weight;
import dev.loupe.vision.net.imported.Value.Floats;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToDoubleFunction;

/** An {@link ImportedNet} in native memory. Computes one node after the other. */
final class ImportedBlock implements TrainableNetwork {
    private final ImportedNet net;
    private final boolean frozenStatistics;
    private final List<NDArray> arrays = new ArrayList<>();
    private final List<Double> rates = new ArrayList<>();
    private final Map<String, Integer> byName = new HashMap<>();
    /** For each node the values that no later node reads. */
    private final List<Set<String>> released = new ArrayList<>();

    ImportedBlock(
            ImportedNet net,
            List<float[]> values,
            IntToDoubleFunction layerRates,
            boolean frozenStatistics,
            NDManager manager) {
        this.net = net;
        this.frozenStatistics = frozenStatistics;
        for (Weight weight : net.weightList()) {
            int index = arrays.size();
            NDArray array =
                    manager.create(values.get(index), new Shape(weight.initial().shape()));
            rates.add(layerRates.applyAsDouble(weight.layer()));
            byName.put(weight.name(), index);
            arrays.add(array);
            array.setRequiresGradient(learnt(index));
        }
        Set<String> needed = new HashSet<>(Set.of(net.input(), net.output()));
        for (NodeProto node : net.nodes().reversed()) {
            Set<String> last = new HashSet<>(node.getInputList());
            last.addAll(node.getOutputList());
            last.removeIf(name -> !needed.add(name));
            released.addFirst(last);
        }
    }

    @Override
    public NDArray forward(NDArray input, boolean training) {
        NDManager scope = input.getManager();
        Map<String, Value> values = new HashMap<>(net.constants());
        values.put(net.input(), new Floats(input));
        for (int i = 0; i < net.nodes().size(); i++) {
            NodeProto node = net.nodes().get(i);
            // Owns all temporary arrays: an operation's result belongs to the manager of its first argument.
            try (NDManager local = scope.newSubManager()) {
                List<Value> inputs = new ArrayList<>();
                for (String name : node.getInputList()) {
                    inputs.add(view(name, values, training, local));
                }
                List<Value> outputs =
                        Operators.apply(new NodeCall(node, inputs, training, learnsStatistics(node, training), local));
                for (int k = 0; k < node.getOutputCount() && k < outputs.size(); k++) {
                    if (outputs.get(k) instanceof Floats floats) {
                        floats.array().attach(scope);
                    }
                    values.put(node.getOutput(k), outputs.get(k));
                }
            }
            for (String name : released.get(i)) {
                if (values.remove(name) instanceof Floats floats) {
                    floats.array().close();
                }
            }
        }
        return ((Floats) values.get(net.output())).array();
    }

    /** The same value, in an array that can be closed: it shares the memory, and gradients flow through it. */
    private Value view(String name, Map<String, Value> values, boolean training, NDManager local) {
        Integer weight = byName.get(name);
        Value value = weight == null ? values.get(name) : new Floats(arrays.get(weight));
        if (value instanceof Floats(NDArray array)) {
            // Outside of training nothing is recorded, which would keep all intermediate values.
            NDArray view = training ? array.reshape(array.getShape()) : array.stopGradient();
            view.attach(local);
            return new Floats(view);
        }
        return value;
    }

    private boolean learnsStatistics(NodeProto node, boolean training) {
        if (!training || frozenStatistics || !node.getOpType().equals("BatchNormalization")) {
            return false;
        }
        Integer mean = byName.get(node.getInput(3));
        return mean != null && rates.get(mean) > 0;
    }

    @Override
    public List<NDArray> arrays() {
        return arrays;
    }

    @Override
    public boolean learnt(int weight) {
        return rates.get(weight) > 0 && net.weightList().get(weight).role() != Role.STATISTIC;
    }

    @Override
    public boolean decayed(int weight) {
        return net.weightList().get(weight).role() == Role.KERNEL;
    }

    @Override
    public double rateFactor(int weight) {
        return rates.get(weight);
    }
}
