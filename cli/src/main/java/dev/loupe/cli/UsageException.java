package dev.loupe.cli;

/** A command was used with invalid arguments; it ends with exit code 2. */
public final class UsageException extends CommandException {
    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }

    public UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
