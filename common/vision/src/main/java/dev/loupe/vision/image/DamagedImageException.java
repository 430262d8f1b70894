package dev.loupe.vision.image;

/** The bytes begin as an image of a known format, but can't be decoded whole. */
public final class DamagedImageException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public DamagedImageException(String message) {
        super(message);
    }

    public DamagedImageException(String message, Throwable cause) {
        super(message, cause);
    }
}
