package dev.loupe.vision.net;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import dev.loupe.model.onnx.ComputeDevice;
import dev.loupe.model.onnx.ComputeDevice.Wanted;
import dev.loupe.model.onnx.InsufficientMemoryException;
import java.util.function.Supplier;

/** Where PyTorch computes: on the {@link ComputeDevice} of the process. Thread-safe. */
public final class Torch {
    private static final String NAME = "PyTorch";
    private static final String THREADS = "ai.djl.pytorch.num_threads";

    private Torch() {}

    /**
     * Sets the number of threads that one computation may use. Must precede all use of PyTorch; without it, PyTorch uses a
     * thread for each core of the machine, whatever the process may use.
     */
    public static void useThreads(int threads) {
        System.setProperty(THREADS, Integer.toString(threads));
    }

    public static Engine engine() {
        return Engine.getEngine(NAME);
    }

    /**
     * Returns a manager of arrays on the device; close it.
     *
     * @throws IllegalArgumentException if a GPU is wanted and PyTorch can't use one
     */
    public static NDManager newManager() {
        return NDManager.newBaseManager(device(), NAME);
    }

    private static Device device() {
        Wanted wanted = ComputeDevice.current().wanted();
        if (wanted != Wanted.CPU && engine().getGpuCount() > 0) {
            return Device.gpu();
        }
        if (wanted == Wanted.GPU) {
            throw new IllegalArgumentException(ComputeDevice.VARIABLE
                    + " is 'gpu', and PyTorch sees none: its library has no CUDA, or there is no GPU");
        }
        return Device.cpu();
    }

    /**
     * Computes.
     *
     * @param images number of images that it computes on at a time
     * @throws InsufficientMemoryException if there is not enough memory for so many
     */
    public static <T> T compute(int images, Supplier<T> computation) {
        try {
            return computation.get();
        } catch (EngineException e) {
            throw InsufficientMemoryException.or(
                    e, "a step with " + images + " images (a smaller batchSize or imageSize needs less)", e);
        }
    }
}
