package dev.loupe.vision.image;

/** The bytes are no picture of a format that is taken, or one beyond the limits. The message says what came. */
public final class UnsupportedImageException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public UnsupportedImageException(String message) {
        super(message);
    }
}
