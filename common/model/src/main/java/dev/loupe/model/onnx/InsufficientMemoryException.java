package dev.loupe.model.onnx;

import java.util.List;
import java.util.Locale;

/** A computation needs more memory than the CPU or the GPU has. The message says how large the computation was. */
public final class InsufficientMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What ONNX Runtime, PyTorch, CUDA and the C++ library say. */
    private static final List<String> MESSAGES = List.of(
            "out of memory",
            "failed to allocate memory",
            "can't allocate memory",
            "bad_alloc",
            "bad allocation",
            "alloc_failed");

    private InsufficientMemoryException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * Returns a failure of a native library as one of memory, or, if it is another one, an exception for that.
     *
     * @param failure of a native library
     * @param what what was computed, and how large it was: {@code a step with 64 images}
     * @param other exception for any other failure
     */
    public static RuntimeException or(Throwable failure, String what, RuntimeException other) {
        String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return MESSAGES.stream().anyMatch(message::contains)
                ? new InsufficientMemoryException(
                        what + " needs more memory than there is: " + failure.getMessage(), failure)
                : other;
    }
}
