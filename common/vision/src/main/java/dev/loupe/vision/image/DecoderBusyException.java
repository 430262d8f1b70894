package dev.loupe.vision.image;

/** The image fits the decoder's memory, but other images hold that memory at the moment: a retry succeeds. */
public final class DecoderBusyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DecoderBusyException(String message) {
        super(message);
    }
}
