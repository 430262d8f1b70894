package dev.loupe.model.quantization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.GraphProtoOrBuilder;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.quantization.ValueRange.Scale;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The reference is ONNX Runtime's own quantiser; src/test/python/quantization_reference.py writes it. */
class Int8GraphTest {
    private static final Set<LayerKind> ALL = EnumSet.allOf(LayerKind.class);
    private static final int SIDE = 8;
    private static final long[] SHAPE = {1, 3, SIDE, SIDE};

    private final byte[] network = resource("network.onnx");
    private final JsonNode reference = json();

    @Test
    void scalesOfValuesAreThoseOfTheReference() {
        Map<String, ValueRange> ranges = calibrated(Int8Graph.of(network, ALL));
        assertEquals(Set.of("image", "r1", "r2", "c3", "sum", "flat"), ranges.keySet());
        ranges.forEach((value, range) -> {
            Scale scale = range.scale();
            JsonNode expected = reference.path("values").path(value);
            assertEquals(expected.path("step").floatValue(), scale.step(), 1e-6f * scale.step(), value);
            assertEquals(expected.path("zero").intValue(), scale.zero(), value);
        });
    }

    @Test
    void weightsAreThoseOfTheReference() {
        Int8Graph graph = Int8Graph.of(network, ALL);
        Map<String, TensorProto> constants = constants(graph.quantized(calibrated(graph)));
        for (String name : List.of("w1", "w2", "w3", "w4")) {
            JsonNode expected = reference.path("constants").path(name + "_quantized");
            byte[] values = constants.get(name + "_quantized").getRawData().toByteArray();
            assertEquals(expected.path("values").size(), values.length, name);
            for (int i = 0; i < values.length; i++) {
                assertEquals(expected.path("values").get(i).intValue(), values[i], name + "[" + i + "]");
            }
        }
        for (String name : List.of("b1", "b2", "b4")) {
            JsonNode expected = reference.path("constants").path(name + "_quantized");
            ByteBuffer values = constants
                    .get(name + "_quantized")
                    .getRawData()
                    .asReadOnlyByteBuffer()
                    .order(ByteOrder.LITTLE_ENDIAN);
            for (JsonNode value : expected.path("values")) {
                // One more or less: the scales may differ in their last digit.
                assertEquals(value.intValue(), values.getInt(), 1, name);
            }
        }
    }

    @Test
    void outputsAreThoseOfTheReference() {
        Int8Graph graph = Int8Graph.of(network, ALL);
        double[] differences = differences(graph.quantized(calibrated(graph)), "scores");
        // Less than a step of the last layer's input times its weights: no value was rounded otherwise.
        assertTrue(differences[0] <= 1e-3, "largest difference " + differences[0]);
        assertTrue(differences[1] > 1e-2, "the outputs are those of the network with floats");
    }

    /** Largest differences from the reference, and from the network with floats. */
    private double[] differences(byte[] onnx, String output) {
        double[] largest = new double[2];
        try (OnnxSession session = new OnnxSession(onnx, 1)) {
            for (int i = 0; i < reference.path("images").size(); i++) {
                float[] scores =
                        session.run(image(i), SHAPE, List.of(output)).getFirst().values();
                for (int k = 0; k < scores.length; k++) {
                    double expected = reference.at("/scores/" + i + "/" + k).doubleValue();
                    double exact = reference.at("/exact/" + i + "/" + k).doubleValue();
                    largest[0] = Math.max(largest[0], Math.abs(scores[k] - expected));
                    largest[1] = Math.max(largest[1], Math.abs(scores[k] - exact));
                }
            }
        }
        return largest;
    }

    @Test
    void rangesAreExtendedToContainZeroExactly() {
        assertEquals(new Scale(2f / 255, 0), new ValueRange(1, 2).scale());
        assertEquals(new Scale(2f / 255, 255), new ValueRange(-2, -1).scale());
        assertEquals(new Scale(4f / 255, 64), new ValueRange(-1, 3).scale());
        assertEquals(new Scale(1, 0), new ValueRange(0, 0).scale());
        assertThrows(IllegalArgumentException.class, () -> new ValueRange(0, Float.POSITIVE_INFINITY));
        assertThrows(IllegalArgumentException.class, () -> new ValueRange(Float.NaN, 1));
    }

    @Test
    void aBiasThatExceeds32BitsWidensTheScaleOfItsWeights() {
        OnnxGraph graph = OnnxGraph.create("bias");
        String image = graph.input("image", -1, 3, SIDE, SIDE);
        String kernel = graph.floats("kernel", new float[] {1e-12f, 0, 0, 1, 1, 1}, 2, 3, 1, 1);
        String bias = graph.floats("bias", new float[] {100, 1}, 2);
        graph.output(graph.node("Conv", List.of(image, kernel, bias)), "out", -1, 2, SIDE, SIDE);
        Int8Graph int8 = Int8Graph.of(graph.toBytes(), ALL);
        byte[] quantized = int8.quantized(calibrated(int8));
        try (OnnxSession session = new OnnxSession(quantized, 1)) {
            float[] out =
                    session.run(image(0), SHAPE, List.of("out")).getFirst().values();
            assertEquals(100, out[0], 0.5);
        }
    }

    @Test
    void batchNormalisationIsFoldedAndChangesNothing() {
        OnnxGraph graph = OnnxGraph.create("normalised");
        String image = graph.input("image", -1, 3, SIDE, SIDE);
        float[] weights = new float[4 * 3 * 9];
        Random random = new Random(1);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian();
        }
        String convolution = graph.node("Conv", List.of(image, graph.floats("kernel", weights, 4, 3, 3, 3)));
        String normalised = graph.node(
                "BatchNormalization",
                List.of(
                        convolution,
                        graph.floats("gamma", new float[] {1, 2, 0.5f, -1}, 4),
                        graph.floats("beta", new float[] {0, 1, -1, 2}, 4),
                        graph.floats("mean", new float[] {0.5f, -0.5f, 3, 0}, 4),
                        graph.floats("variance", new float[] {1, 4, 9, 0.25f}, 4)),
                OnnxAttribute.of("epsilon", 1e-3f));
        graph.output(graph.node("Relu", List.of(normalised)), "out", -1, 4, SIDE - 2, SIDE - 2);
        OnnxGraph folded = OnnxGraph.read(graph.toBytes());
        FoldedNormalization.apply(folded);
        assertEquals(List.of("Conv", "Relu", "Identity"), operators(folded.toBytes()));
        assertArrayEquals(outputs(graph.toBytes()), outputs(folded.toBytes()), 1e-4f);
    }

    private float[] outputs(byte[] onnx) {
        try (OnnxSession session = new OnnxSession(onnx, 1)) {
            return session.run(image(0), SHAPE, List.of("out")).getFirst().values();
        }
    }

    @Test
    void distancesToAMemoryBankAndFiltersOfMapsKeepTheirDigits() {
        OnnxGraph graph = OnnxGraph.create("tail");
        String image = graph.input("image", -1, 3, SIDE, SIDE);
        String blur = graph.node("Conv", List.of(image, graph.floats("blur", new float[3], 1, 3, 1, 1)));
        String rows = graph.reshape(blur, -1, SIDE * SIDE);
        String bank = graph.floats("bank", new float[2 * SIDE * SIDE], 2, SIDE * SIDE);
        String distances =
                graph.node("Gemm", List.of(rows, bank), OnnxAttribute.of("alpha", -2f), OnnxAttribute.of("transB", 1));
        graph.output(distances, "out", -1, 2);
        Int8Graph int8 = Int8Graph.of(graph.toBytes(), ALL);
        assertEquals(0, int8.layers());
        assertEquals(List.of(), int8.values());
    }

    @Test
    void convolutionsAloneLeaveTheLinearLayerAsItIs() {
        Int8Graph graph = Int8Graph.of(network, EnumSet.of(LayerKind.CONV));
        assertEquals(3, graph.layers());
        assertEquals(4, Int8Graph.of(network, ALL).layers());
        Map<String, TensorProto> constants = constants(graph.quantized(calibrated(graph)));
        assertTrue(constants.containsKey("w4"));
        assertFalse(constants.containsKey("w1"));
    }

    @Test
    void innerConvolutionsLeaveTheFirstAndTheLastAsTheyAre() {
        Int8Graph graph = Int8Graph.inner(network, EnumSet.of(LayerKind.CONV));
        assertEquals(1, graph.layers());
        Map<String, TensorProto> constants = constants(graph.quantized(calibrated(graph)));
        assertTrue(constants.containsKey("w1"));
        assertFalse(constants.containsKey("w2"));
        assertTrue(constants.containsKey("w3"));
        assertEquals(2, Int8Graph.inner(network, ALL).layers());
    }

    @Test
    void aMissingRangeIsNamed() {
        Int8Graph graph = Int8Graph.of(network, ALL);
        Map<String, ValueRange> ranges = new HashMap<>(calibrated(graph));
        ranges.remove("r2");
        String message = assertThrows(IllegalArgumentException.class, () -> graph.quantized(ranges))
                .getMessage();
        assertTrue(message.contains("'r2'"), message);
    }

    private Map<String, ValueRange> calibrated(Int8Graph graph) {
        try (Calibration calibration = graph.calibration(1)) {
            for (int i = 0; i < reference.path("images").size(); i++) {
                calibration.observe(image(i), SHAPE);
            }
            return calibration.ranges();
        }
    }

    private float[] image(int number) {
        float[] values = new float[3 * SIDE * SIDE];
        for (int i = 0; i < values.length; i++) {
            values[i] = reference
                    .path("images")
                    .get(number)
                    .get(i / (SIDE * SIDE))
                    .get(i / SIDE % SIDE)
                    .get(i % SIDE)
                    .floatValue();
        }
        return values;
    }

    private static Map<String, TensorProto> constants(byte[] onnx) {
        return OnnxGraph.read(onnx).proto().getInitializerList().stream()
                .collect(Collectors.toMap(TensorProto::getName, tensor -> tensor));
    }

    private static List<String> operators(byte[] onnx) {
        GraphProtoOrBuilder graph = OnnxGraph.read(onnx).proto();
        return graph.getNodeList().stream().map(NodeProto::getOpType).toList();
    }

    private static byte[] resource(String name) {
        try (InputStream in = Int8GraphTest.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode json() {
        try {
            return new ObjectMapper().readTree(resource("reference.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
