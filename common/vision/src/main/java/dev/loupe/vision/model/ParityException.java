package dev.loupe.vision.model;

/** A model does not give the scores here that its trainer saw. The message names the sample and both values. */
public final class ParityException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ParityException(String message) {
        super(message);
    }
}
