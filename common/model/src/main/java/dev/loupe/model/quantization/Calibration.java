package dev.loupe.model.quantization;

import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.onnx.OnnxSession.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds the ranges that values of a graph have for some images. Not thread-safe. */
public final class Calibration implements AutoCloseable {
    private final List<String> values;
    private final List<String> outputs = new ArrayList<>();
    private final OnnxSession session;
    private final Map<String, ValueRange> ranges = new LinkedHashMap<>();

    Calibration(byte[] onnx, List<String> values, int threads) {
        this.values = values;
        OnnxGraph graph = OnnxGraph.read(onnx).withoutOutputs();
        for (String value : values) {
            outputs.add(extreme(graph, "ReduceMin", value));
            outputs.add(extreme(graph, "ReduceMax", value));
        }
        session = new OnnxSession(graph.toBytes(), threads);
    }

    private static String extreme(OnnxGraph graph, String operator, String value) {
        String name = graph.node(operator, List.of(value), OnnxAttribute.of("keepdims", 0));
        graph.output(name, name);
        return name;
    }

    /**
     * Widens the ranges by those of further images.
     *
     * @param values values of the model's input
     * @param shape shape of the input
     * @throws IllegalArgumentException if a value within the graph is not finite
     */
    public void observe(float[] values, long... shape) {
        List<Tensor> extremes = session.run(values, shape, outputs);
        for (int i = 0; i < this.values.size(); i++) {
            ValueRange range = new ValueRange(
                    extremes.get(2 * i).values()[0], extremes.get(2 * i + 1).values()[0]);
            ranges.merge(this.values.get(i), range, ValueRange::or);
        }
    }

    /** The ranges until now; empty without images. */
    public Map<String, ValueRange> ranges() {
        return Map.copyOf(ranges);
    }

    @Override
    public void close() {
        session.close();
    }
}
