package dev.loupe.vision.model;

/** A model package is incomplete, changed, or of a form that this code does not read. The message says which file. */
public final class InvalidPackageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public InvalidPackageException(String message) {
        super(message);
    }

    public InvalidPackageException(String message, Throwable cause) {
        super(message, cause);
    }
}
