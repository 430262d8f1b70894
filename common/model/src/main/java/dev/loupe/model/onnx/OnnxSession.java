package dev.loupe.model.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * A loaded ONNX model with one float input and float outputs. Thread-safe: any number of threads may run it at the same
 * time; each run uses the calling thread (and {@code threads - 1} others).
 */
public final class OnnxSession implements AutoCloseable {
    private final OrtSession session;
    private final String input;

    private interface Loader {
        OrtSession load(OrtEnvironment environment, OrtSession.SessionOptions options) throws OrtException;
    }

    /** A float tensor, row-major. The receiver owns the arrays. */
    public record Tensor(float[] values, long[] shape) {}

    /**
     * Loads a model.
     *
     * @param threads number of threads that one run may use, at least 1
     * @throws InvalidOnnxException if ONNX Runtime cannot load it, or it does not have exactly one input
     */
    public OnnxSession(byte[] onnx, int threads) {
        this((environment, options) -> environment.createSession(onnx, options), threads);
    }

    /** Loads a model from a file, which ONNX Runtime reads directly. */
    public OnnxSession(Path file, int threads) {
        this((environment, options) -> environment.createSession(file.toString(), options), threads);
    }

    private OnnxSession(Loader loader, int threads) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            // Spinning threads would occupy cores that other threads need.
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            // No data about models may be sent to third parties.
            environment.setTelemetry(false);
            session = loader.load(environment, options);
        } catch (OrtException e) {
            throw new InvalidOnnxException("ONNX Runtime cannot load the model: " + e.getMessage(), e);
        }
        if (session.getInputNames().size() != 1) {
            String given = session.getInputNames().toString();
            close();
            throw new InvalidOnnxException("expected a model with one input, got the inputs " + given);
        }
        input = session.getInputNames().iterator().next();
    }

    /** Describes the input. */
    public NodeInfo input() {
        try {
            return session.getInputInfo().get(input);
        } catch (OrtException e) {
            throw new IllegalStateException("cannot read the input of the model: " + e.getMessage(), e);
        }
    }

    /** Describes the outputs, by name. */
    public Map<String, NodeInfo> outputs() {
        try {
            return session.getOutputInfo();
        } catch (OrtException e) {
            throw new IllegalStateException("cannot read the outputs of the model: " + e.getMessage(), e);
        }
    }

    /**
     * Runs the model.
     *
     * @param values values of the input, at least as many as the shape requires
     * @param shape shape of the input
     * @param outputs names of the outputs to compute
     * @return the outputs, in the order of their names
     */
    public List<Tensor> run(float[] values, long[] shape, List<String> outputs) {
        int size = Math.toIntExact(java.util.stream.LongStream.of(shape).reduce(1, Math::multiplyExact));
        try (OnnxTensor tensor = OnnxTensor.createTensor(
                        OrtEnvironment.getEnvironment(), FloatBuffer.wrap(values, 0, size), shape);
                OrtSession.Result result = session.run(Map.of(input, tensor), new LinkedHashSet<>(outputs))) {
            return outputs.stream()
                    .map(name -> tensor(name, result.get(name).orElseThrow()))
                    .toList();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime failed to run the model: " + e.getMessage(), e);
        }
    }

    private static Tensor tensor(String name, Object value) {
        if (!(value instanceof OnnxTensor tensor)) {
            throw new IllegalStateException("output '" + name + "' is not a tensor");
        }
        FloatBuffer buffer = tensor.getFloatBuffer();
        if (buffer == null) {
            throw new IllegalStateException("output '" + name + "' is not of type float");
        }
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return new Tensor(values, tensor.getInfo().getShape());
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("cannot close the model: " + e.getMessage(), e);
        }
    }
}
