package dev.loupe.trainer;

import dev.loupe.contracts.training.TrainerResult.Failure;
import dev.loupe.storage.StorageException;
import dev.loupe.vision.classification.NonFiniteLossException;
import dev.loupe.vision.image.DamagedImageException;
import dev.loupe.vision.image.DecoderBusyException;
import dev.loupe.vision.image.UnsupportedImageException;
import dev.loupe.vision.net.NonFiniteOutputException;

/** Why training failed, and whether another attempt may do better. */
final class Failures {
    private Failures() {}

    static Failure of(Throwable e) {
        return switch (e) {
            case NonFiniteLossException diverged -> new Failure("NAN_LOSS", diverged.getMessage(), false);
            case NonFiniteOutputException output -> new Failure("BAD_CONFIGURATION", output.getMessage(), false);
            case StorageException.NotFound missing -> new Failure("DATA", missing.getMessage(), false);
            case StorageException.Corrupt corrupt -> new Failure("DATA", corrupt.getMessage(), false);
            case StorageException storage -> new Failure("STORAGE", storage.getMessage(), true);
            case DamagedImageException image -> new Failure("DATA", image.getMessage(), false);
            case UnsupportedImageException image -> new Failure("DATA", image.getMessage(), false);
            case DecoderBusyException busy -> new Failure("OUT_OF_MEMORY", busy.getMessage(), true);
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
}
