package dev.loupe.inference.serve;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.vision.image.DamagedImageException;
import dev.loupe.vision.image.DecoderBusyException;
import dev.loupe.vision.image.ImageTooLargeException;
import dev.loupe.vision.image.UnsupportedImageException;
import java.util.Optional;

/** What the exceptions of the image decoder are to a client. */
final class ImageErrors {
    private ImageErrors() {}

    /** Empty if the decoder did not refuse the image with it. */
    static Optional<ErrorCode> code(Throwable e) {
        return switch (e) {
            case ImageTooLargeException _ -> Optional.of(ErrorCode.IMAGE_TOO_LARGE);
            case UnsupportedImageException _ -> Optional.of(ErrorCode.IMAGE_UNSUPPORTED);
            case DamagedImageException _ -> Optional.of(ErrorCode.IMAGE_DAMAGED);
            case DecoderBusyException _ -> Optional.of(ErrorCode.OVERLOADED);
            default -> Optional.empty();
        };
    }

    /** The refusal with the image's place in the request; another exception as it is. */
    static RuntimeException ofImage(int index, RuntimeException e) {
        return code(e).<RuntimeException>map(
                        code -> new ServiceException(code, "image " + index + ": " + e.getMessage(), e))
                .orElse(e);
    }
}
