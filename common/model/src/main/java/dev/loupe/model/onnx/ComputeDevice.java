package dev.loupe.model.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The device that this process computes on: the CPU, or a GPU with CUDA. A trainer chooses it once, when it starts, for
 * ONNX Runtime and for PyTorch, because both load one native library for the whole process. A process that does not
 * choose computes on the CPU. Thread-safe.
 *
 * @param wanted what was asked for
 * @param onnxOnGpu whether ONNX Runtime computes on the GPU
 * @param reason why ONNX Runtime does not, or what it computes on, in a few words
 */
public record ComputeDevice(Wanted wanted, boolean onnxOnGpu, String reason) {
    private static final System.Logger LOG = System.getLogger(ComputeDevice.class.getName());
    /** Environment variable with one of {@link Wanted}, in lower case. */
    public static final String VARIABLE = "LOUPE_DEVICE";
    /** Environment variable with a folder that has ONNX Runtime's libraries for CUDA. */
    public static final String LIBRARIES = "ONNXRUNTIME_LIBRARY_PATH";
    /** System property by which ONNX Runtime finds them. */
    private static final String NATIVE_PATH = "onnxruntime.native.path";

    /** What a trainer is asked to compute on. */
    public enum Wanted {
        /** The GPU where there is one, else the CPU. */
        AUTO,
        CPU,
        /** The GPU; without one, the trainer fails. */
        GPU;

        static Wanted of(String value) {
            return Arrays.stream(values())
                    .filter(wanted -> wanted.name().toLowerCase(Locale.ROOT).equals(value))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            VARIABLE + ": expected 'auto', 'cpu' or 'gpu', got '" + value + "'"));
        }
    }

    private static volatile ComputeDevice current = new ComputeDevice(Wanted.CPU, false, "no device was chosen");

    /** The device of this process. */
    public static ComputeDevice current() {
        return current;
    }

    /**
     * Chooses the device of this process. Must precede all use of ONNX Runtime and PyTorch.
     *
     * @param environment {@value #VARIABLE}, {@code auto} if absent, and {@value #LIBRARIES}
     * @throws IllegalArgumentException if a value is not known, or if a GPU is wanted and ONNX Runtime can't use one
     */
    public static ComputeDevice choose(Map<String, String> environment) {
        Wanted wanted = Wanted.of(environment.getOrDefault(VARIABLE, "auto"));
        String libraries = environment.get(LIBRARIES);
        if (libraries != null && wanted != Wanted.CPU) {
            if (!Files.isDirectory(Path.of(libraries))) {
                throw new IllegalArgumentException(LIBRARIES + ": expected a folder, got '" + libraries + "'");
            }
            System.setProperty(NATIVE_PATH, libraries);
        }
        current = wanted == Wanted.CPU ? new ComputeDevice(wanted, false, "the CPU was asked for") : probed(wanted);
        LOG.log(
                Level.INFO,
                "ONNX Runtime computes on the " + (current.onnxOnGpu ? "GPU" : "CPU") + ": " + current.reason);
        return current;
    }

    private static ComputeDevice probed(Wanted wanted) {
        String reason;
        if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
            reason = "its library has no CUDA";
        } else {
            try {
                computeOnce();
                return new ComputeDevice(wanted, true, "CUDA");
            } catch (OrtException e) {
                reason = "CUDA can't be used: " + e.getMessage();
            }
        }
        if (wanted == Wanted.GPU) {
            throw new IllegalArgumentException(
                    VARIABLE + " is 'gpu', and ONNX Runtime can't compute on one: " + reason);
        }
        return new ComputeDevice(wanted, false, reason);
    }

    /** Only a session that computes shows that driver, CUDA and cuDNN are there. */
    private static void computeOnce() throws OrtException {
        OnnxGraph graph = OnnxGraph.create("probe");
        graph.output(graph.node("Relu", List.of(graph.input("input", -1, 1))), "output", -1, 1);
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        environment.setTelemetry(false);
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            addCuda(options);
            environment.createSession(graph.toBytes(), options).close();
        }
    }

    /** Lets a session compute on the device. */
    void addTo(OrtSession.SessionOptions options) throws OrtException {
        if (onnxOnGpu) {
            addCuda(options);
        }
    }

    private static void addCuda(OrtSession.SessionOptions options) throws OrtException {
        try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(0)) {
            // TF32 has 10 bits of mantissa: a served model would answer otherwise than the trained one.
            cuda.add("use_tf32", "0");
            options.addCUDA(cuda);
        }
    }
}
