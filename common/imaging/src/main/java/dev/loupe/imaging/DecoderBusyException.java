package dev.loupe.imaging;

/** The image fits into the decoder's memory, but other images use that memory at the moment: a retry can succeed. */
public final class DecoderBusyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DecoderBusyException(String message) {
        super(message);
    }
}
