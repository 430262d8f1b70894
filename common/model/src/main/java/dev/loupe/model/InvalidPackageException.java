package dev.loupe.model;

/** A model package is incomplete, modified, or in an unsupported format. The message names the file. */
public final class InvalidPackageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public InvalidPackageException(String message) {
        super(message);
    }

    public InvalidPackageException(String message, Throwable cause) {
        super(message, cause);
    }
}
