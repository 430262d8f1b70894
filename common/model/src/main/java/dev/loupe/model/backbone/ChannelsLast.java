package dev.loupe.model.backbone;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.TensorInfo;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.trial.TrialRun;
import java.util.List;
import java.util.Optional;

/** Networks with the channels last, as Keras and TensorFlow have them: they get inputs and feature maps with the channels first. */
final class ChannelsLast {
    private static final int CHANNELS = 3;
    /** Added to the names of feature maps. */
    private static final String FIRST = "_channels_first";

    private ChannelsLast() {}

    /**
     * Returns the network with channels first, empty if it has them so.
     *
     * @param graph the network; is changed
     * @param session the network
     */
    static Optional<byte[]> adapted(OnnxGraph graph, OnnxSession session) {
        long[] shape = TrialRun.inputShape(session.input());
        if (shape.length != 4 || shape[1] == CHANNELS || shape[3] != CHANNELS) {
            return Optional.empty();
        }
        graph.replaceInput(new long[] {-1, CHANNELS, shape[1], shape[2]}, image -> transpose(graph, image, 0, 2, 3, 1));
        List<String> outputs = graph.outputs();
        graph.withoutOutputs();
        for (String output : outputs) {
            long[] out = shape(session.outputs().get(output));
            if (out.length == 4) {
                graph.output(transpose(graph, output, 0, 3, 1, 2), output + FIRST, -1, out[3], out[1], out[2]);
            } else {
                graph.output(output, output, out);
            }
        }
        return Optional.of(graph.toBytes());
    }

    private static long[] shape(NodeInfo output) {
        return output.getInfo() instanceof TensorInfo tensor ? tensor.getShape() : new long[0];
    }

    private static String transpose(OnnxGraph graph, String value, long... order) {
        return graph.node("Transpose", List.of(value), OnnxAttribute.of("perm", order));
    }
}
