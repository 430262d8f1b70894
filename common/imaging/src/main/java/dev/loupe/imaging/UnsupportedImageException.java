package dev.loupe.imaging;

/** The bytes are not an image of a supported format. The message names the actual format. */
public sealed class UnsupportedImageException extends IllegalArgumentException permits ImageTooLargeException {
    private static final long serialVersionUID = 1;

    public UnsupportedImageException(String message) {
        super(message);
    }
}
