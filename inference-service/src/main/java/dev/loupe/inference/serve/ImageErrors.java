package dev.loupe.inference.serve;

import dev.loupe.imaging.DamagedImageException;
import dev.loupe.imaging.DecoderBusyException;
import dev.loupe.imaging.ImageTooLargeException;
import dev.loupe.imaging.UnsupportedImageException;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.util.Optional;

/** Maps exceptions of the image decoder to error codes. */
final class ImageErrors {
    private ImageErrors() {}

    /** The error code; empty if the exception is not a rejection by the image decoder. */
    static Optional<ErrorCode> code(Throwable e) {
        return switch (e) {
            case ImageTooLargeException _ -> Optional.of(ErrorCode.IMAGE_TOO_LARGE);
            case UnsupportedImageException _ -> Optional.of(ErrorCode.IMAGE_UNSUPPORTED);
            case DamagedImageException _ -> Optional.of(ErrorCode.IMAGE_DAMAGED);
            case DecoderBusyException _ -> Optional.of(ErrorCode.OVERLOADED);
            default -> Optional.empty();
        };
    }

    /** Adds the index of the image in the request to a rejection; returns any other exception unchanged. */
    static RuntimeException ofImage(int index, RuntimeException e) {
        return code(e).<RuntimeException>map(
                        code -> new ServiceException(code, "image " + index + ": " + e.getMessage(), e))
                .orElse(e);
    }
}
