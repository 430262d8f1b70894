package dev.loupe.model.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A loaded ONNX model with one float input and float outputs. A model for several products has a second input, with the
 * number of the product of each image. Thread-safe: any number of threads may run it at the same
 * time; each run uses the calling thread (and {@code threads - 1} others). It computes on the {@link ComputeDevice} of
 * the process.
 */
public final class OnnxSession implements AutoCloseable {
    /** Name of the second input of a model for several products, float [n]. */
    public static final String PRODUCT = "product";
    /** Key of the metadata of such a model: the names of its products, as a JSON array. */
    public static final String PRODUCTS = "loupe.products";
    /** Instead of the number of a product: the model chooses the nearest one. */
    public static final float NEAREST = -1;

    private final OrtSession session;
    private final String input;
    private final boolean hasProducts;

    private interface Loader {
        OrtSession load(OrtEnvironment environment, OrtSession.SessionOptions options) throws OrtException;
    }

    /** What becomes of the memory for intermediate values after a run. */
    public enum WorkingMemory {
        /** The session keeps it for its next run, as much as its largest runs needed together. */
        KEPT,
        /** It is given back, so that a session in memory takes little more than its weights. */
        RELEASED
    }

    /** A float tensor, row-major. The receiver owns the arrays. */
    public record Tensor(float[] values, long[] shape) {}

    /**
     * Loads a model.
     *
     * @param threads number of threads that one run may use, at least 1
     * @throws InvalidOnnxException if ONNX Runtime cannot load it, or it does not have exactly one input
     * @throws InsufficientMemoryException if there is not enough memory for it
     */
    public OnnxSession(byte[] onnx, int threads) {
        this((environment, options) -> environment.createSession(onnx, options), threads, WorkingMemory.KEPT);
    }

    /** Loads a model from a file, which ONNX Runtime reads directly. */
    public OnnxSession(Path file, int threads) {
        this(file, threads, WorkingMemory.KEPT);
    }

    /** Loads a model from a file, which ONNX Runtime reads directly. */
    public OnnxSession(Path file, int threads, WorkingMemory memory) {
        this((environment, options) -> environment.createSession(file.toString(), options), threads, memory);
    }

    private OnnxSession(Loader loader, int threads, WorkingMemory memory) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setCPUArenaAllocator(memory == WorkingMemory.KEPT);
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            // Spinning threads would occupy cores that other threads need.
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            ComputeDevice.current().addTo(options);
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            // No data about models may be sent to third parties.
            environment.setTelemetry(false);
            session = loader.load(environment, options);
        } catch (OrtException e) {
            throw InsufficientMemoryException.or(
                    e,
                    "the model",
                    new InvalidOnnxException("ONNX Runtime cannot load the model: " + e.getMessage(), e));
        }
        Set<String> inputs = session.getInputNames();
        hasProducts =
                inputs.size() == 2 && inputs.contains(PRODUCT) && metadata().containsKey(PRODUCTS);
        if (inputs.size() != 1 && !hasProducts) {
            String given = inputs.toString();
            close();
            throw new InvalidOnnxException("expected a model with one input, got the inputs " + given);
        }
        input = inputs.stream()
                .filter(name -> !hasProducts || !name.equals(PRODUCT))
                .findFirst()
                .orElseThrow();
    }

    /** Whether the model has the input {@value #PRODUCT}. */
    public boolean hasProducts() {
        return hasProducts;
    }

    /** @throws InvalidOnnxException if the model has the input {@value #PRODUCT} beside that of images */
    public void requireOneInput() {
        if (hasProducts) {
            throw new InvalidOnnxException(
                    "expected a model with one input, got the inputs [" + input + ", " + PRODUCT + "]");
        }
    }

    /** The texts about the model, by key. */
    public Map<String, String> metadata() {
        try {
            return session.getMetadata().getCustomMetadata();
        } catch (OrtException e) {
            throw new IllegalStateException("cannot read the metadata of the model: " + e.getMessage(), e);
        }
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
     * @throws InsufficientMemoryException if there is not enough memory for the batch; a smaller one may succeed
     */
    public List<Tensor> run(float[] values, long[] shape, List<String> outputs) {
        float[] products = hasProducts ? new float[(int) shape[0]] : null;
        if (products != null) {
            Arrays.fill(products, NEAREST);
        }
        return run(values, shape, products, outputs);
    }

    /**
     * Runs a model with the input {@value #PRODUCT}, of which each image has one value.
     *
     * @param values values of the first input, at least as many as the shape requires
     * @param shape shape of the first input
     * @param products number of the product of each image, {@link #NEAREST} if it is not known; null for a model without
     *     that input
     * @param outputs names of the outputs to compute
     * @return the outputs, in the order of their names
     */
    public List<Tensor> run(float[] values, long[] shape, float[] products, List<String> outputs) {
        int size = Math.toIntExact(java.util.stream.LongStream.of(shape).reduce(1, Math::multiplyExact));
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OnnxTensor tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(values, 0, size), shape);
                OnnxTensor ofProducts = products == null
                        ? null
                        : OnnxTensor.createTensor(
                                environment, FloatBuffer.wrap(products), new long[] {products.length});
                OrtSession.Result result = session.run(
                        ofProducts == null ? Map.of(input, tensor) : Map.of(input, tensor, PRODUCT, ofProducts),
                        new LinkedHashSet<>(outputs))) {
            return outputs.stream()
                    .map(name -> tensor(name, result.get(name).orElseThrow()))
                    .toList();
        } catch (OrtException e) {
            throw InsufficientMemoryException.or(
                    e,
                    "an input of the shape " + Arrays.toString(shape),
                    new IllegalStateException("ONNX Runtime failed to run the model: " + e.getMessage(), e));
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
