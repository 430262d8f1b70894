package dev.loupe.vision.recipe.patchcore;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * The memory bank in a model file that {@link PatchCoreGraph} has written: it is read and replaced there, without the
 * backbone that the file was made from.
 */
final class StoredMemory {
    /** Names of the outputs of {@link #patchGraph}. */
    static final String PATCHES = "whitened_patches";

    static final String DISTANCES = "patch_distances";

    private final byte[] onnx;
    private final String bank;
    private final String squares;
    private final Patches patches;
    private final int places;

    private StoredMemory(byte[] onnx, String bank, String squares, Patches patches, int places) {
        this.onnx = onnx;
        this.bank = bank;
        this.squares = squares;
        this.patches = patches;
        this.places = places;
    }

    /**
     * Reads the bank of a model file.
     *
     * @throws IllegalArgumentException if the file has none
     */
    static StoredMemory read(byte[] onnx) {
        GraphProto.Builder graph = OnnxGraph.read(onnx).proto();
        if (graph.getInputList().stream().anyMatch(input -> input.getName().equals(OnnxSession.PRODUCT))) {
            throw new IllegalArgumentException(
                    "expected a model with one memory, got one with a memory for each product: train a model with the"
                            + " images instead");
        }
        NodeProto search = search(graph);
        TensorProto bank = tensor(graph, search.getInput(1));
        int size = (int) bank.getDims(1);
        return new StoredMemory(
                onnx, search.getInput(1), search.getInput(2), new Patches(floats(bank), size), places(graph));
    }

    private static int places(GraphProto.Builder graph) {
        NodeProto distances = distances(graph);
        return (int) tensor(graph, distances.getInput(1))
                .getRawData()
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asLongBuffer()
                .get(1);
    }

    /** The bank, in the order of selection. */
    Patches patches() {
        return patches;
    }

    /** Number of patches of an image. */
    int places() {
        return places;
    }

    /** A model that computes of images the {@value #PATCHES} [n, places, size] and their {@value #DISTANCES} to the bank. */
    byte[] patchGraph() {
        OnnxGraph graph = OnnxGraph.read(onnx);
        String rows = search(graph.proto()).getInput(0);
        String whitened = producer(graph.proto(), rows).getInput(0);
        String distances = distances(graph.proto()).getOutput(0);
        graph.withoutOutputs();
        graph.output(whitened, PATCHES, -1, places, patches.size());
        graph.output(distances, DISTANCES, -1, places);
        return graph.toBytes();
    }

    /** The model file with another bank. */
    byte[] with(Patches other) {
        OnnxGraph graph = OnnxGraph.read(onnx);
        replace(graph.proto(), OnnxGraph.floatTensor(bank, other.values(), other.count(), other.size()));
        replace(graph.proto(), OnnxGraph.floatTensor(squares, other.squaredNorms(), other.count()));
        return graph.toBytes();
    }

    /** The search of the bank for all patches, the first one of the graph: patches [rows, size], bank, squares. */
    private static NodeProto search(GraphProto.Builder graph) {
        return graph.getNodeList().stream()
                .filter(node -> node.getOpType().equals("Gemm")
                        && node.getInputCount() == 3
                        && node.getInput(1).startsWith(PatchCoreGraph.BANK)
                        && node.getInput(2).startsWith(PatchCoreGraph.BANK_SQUARES))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "expected a model of the recipe 'patchcore', got one without a memory bank"));
    }

    /** The node with the distances of the patches [n, places]. */
    private static NodeProto distances(GraphProto.Builder graph) {
        String value = search(graph).getOutput(0);
        for (String operator : List.of("ReduceMin", "Add", "Max", "Sqrt")) {
            value = consumer(graph, value, operator).getOutput(0);
        }
        return consumer(graph, value, "Reshape");
    }

    private static NodeProto consumer(GraphProto.Builder graph, String value, String operator) {
        return graph.getNodeList().stream()
                .filter(node ->
                        node.getOpType().equals(operator) && node.getInputList().contains(value))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "memory bank: expected the node " + operator + " after '" + value + "', got none"));
    }

    private static NodeProto producer(GraphProto.Builder graph, String value) {
        return graph.getNodeList().stream()
                .filter(node -> node.getOutputList().contains(value))
                .findFirst()
                .orElseThrow();
    }

    private static TensorProto tensor(GraphProto.Builder graph, String name) {
        return graph.getInitializerList().stream()
                .filter(tensor -> tensor.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("memory bank: the tensor '" + name + "' is missing"));
    }

    private static void replace(GraphProto.Builder graph, TensorProto tensor) {
        for (int i = 0; i < graph.getInitializerCount(); i++) {
            if (graph.getInitializer(i).getName().equals(tensor.getName())) {
                graph.setInitializer(i, tensor);
            }
        }
    }

    private static float[] floats(TensorProto tensor) {
        FloatBuffer raw = tensor.getRawData()
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        float[] values = new float[raw.remaining()];
        raw.get(values);
        return values;
    }
}
