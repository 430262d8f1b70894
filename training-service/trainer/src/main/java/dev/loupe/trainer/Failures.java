package dev.loupe.trainer;

import dev.loupe.contracts.training.TrainerResult.Failure;
import dev.loupe.imaging.DamagedImageException;
import dev.loupe.imaging.DecoderBusyException;
import dev.loupe.imaging.UnsupportedImageException;
import dev.loupe.model.InvalidPackageException;
import dev.loupe.model.ParityException;
import dev.loupe.model.onnx.ComputeDevice;
import dev.loupe.model.onnx.InsufficientMemoryException;
import dev.loupe.model.onnx.NonFiniteOutputException;
import dev.loupe.storage.StorageException;
import dev.loupe.vision.classification.NonFiniteLossException;
import java.util.List;

/** Classifies failures of attempts: the reason, and whether another attempt may succeed. */
final class Failures {
    /** Messages of the C library for ENOSPC and EDQUOT, which Java and the native libraries pass on. */
    private static final List<String> NO_SPACE = List.of("No space left on device", "Disk quota exceeded");

    private static final int DEEPEST = 20;

    private Failures() {}

    static Failure of(Throwable e) {
        if (isNoSpace(e)) {
            return new Failure(
                    Failure.NO_SPACE,
                    e instanceof StorageException ? e.getMessage() : "the trainer's disk is full: " + e.getMessage(),
                    true);
        }
        return switch (e) {
            case NonFiniteLossException diverged -> new Failure("NAN_LOSS", diverged.getMessage(), false);
            case NonFiniteOutputException output -> new Failure("BAD_CONFIGURATION", output.getMessage(), false);
            case StorageException.NotFound missing -> new Failure("DATA", missing.getMessage(), false);
            case StorageException.Corrupt corrupt -> new Failure("DATA", corrupt.getMessage(), false);
            case StorageException storage -> new Failure("STORAGE", storage.getMessage(), true);
            case InvalidPackageException broken -> new Failure("INVALID_MODEL", broken.getMessage(), false);
            case ParityException different -> new Failure("INVALID_MODEL", different.getMessage(), false);
            case DamagedImageException image -> new Failure("DATA", image.getMessage(), false);
            case UnsupportedImageException image -> new Failure("DATA", image.getMessage(), false);
            case DecoderBusyException busy -> new Failure("OUT_OF_MEMORY", busy.getMessage(), true);
            case InsufficientMemoryException memory ->
                new Failure("OUT_OF_MEMORY", memory.getMessage() + " (" + device() + ")", true);
            case IllegalArgumentException wrong -> new Failure("BAD_CONFIGURATION", wrong.getMessage(), false);
            case OutOfMemoryError _ ->
                new Failure(
                        "OUT_OF_MEMORY",
                        "the heap of " + (Runtime.getRuntime().maxMemory() >> 20)
                                + " MiB is too small: fewer or smaller images, or more memory for trainers",
                        true);
            default -> new Failure("INTERNAL", e.toString(), true);
        };
    }

    private static String device() {
        return ComputeDevice.current().onnxOnGpu() ? "computed on a GPU" : "computed on the CPU";
    }

    /** Whether a write failed because the disk, a quota on it, or object storage is full. */
    static boolean isNoSpace(Throwable e) {
        int depth = 0;
        for (Throwable cause = e; cause != null && depth < DEEPEST; cause = cause.getCause(), depth++) {
            String message = String.valueOf(cause.getMessage());
            if (cause instanceof StorageException.Full || NO_SPACE.stream().anyMatch(message::contains)) {
                return true;
            }
        }
        return false;
    }
}
