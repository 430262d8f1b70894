package dev.loupe.imaging;

/** The bytes start like an image of a known format, but cannot be decoded completely. */
public final class DamagedImageException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public DamagedImageException(String message) {
        super(message);
    }

    public DamagedImageException(String message, Throwable cause) {
        super(message, cause);
    }
}
