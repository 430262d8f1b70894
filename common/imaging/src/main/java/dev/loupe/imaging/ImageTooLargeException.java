package dev.loupe.imaging;

/** The image exceeds a limit, so a retry cannot succeed. The message names the limit. */
public final class ImageTooLargeException extends UnsupportedImageException {
    private static final long serialVersionUID = 1L;

    ImageTooLargeException(String message) {
        super(message);
    }
}
