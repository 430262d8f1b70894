package dev.loupe.cli;

/** Something went wrong that a person can understand: the message is all that they are told, and the way out. */
public class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CommandException(String message) {
        super(message);
    }

    public CommandException(String message, Throwable cause) {
        super(message, cause);
    }
}
