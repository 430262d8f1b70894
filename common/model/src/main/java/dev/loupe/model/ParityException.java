package dev.loupe.model;

/** A model does not reproduce the trainer's outputs on this machine. The message names the sample and both values. */
public final class ParityException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ParityException(String message) {
        super(message);
    }
}
