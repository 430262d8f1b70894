package dev.loupe.vision.image;

/** The image exceeds a limit and never fits: the message names the limit. */
public final class ImageTooLargeException extends UnsupportedImageException {
    private static final long serialVersionUID = 1L;

    ImageTooLargeException(String message) {
        super(message);
    }
}
