package dev.loupe.service.error;

/**
 * The one exception that tells a client something. Its message names the thing, what was expected and what came, in at
 * most {@value #LONGEST_MESSAGE} characters: whatever is longer loses its middle.
 */
public final class ServiceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final int LONGEST_MESSAGE = 1000;

    private final ErrorCode code;

    public ServiceException(ErrorCode code, String message) {
        super(Echo.shortened(message, LONGEST_MESSAGE));
        this.code = code;
    }

    public ServiceException(ErrorCode code, String message, Throwable cause) {
        super(Echo.shortened(message, LONGEST_MESSAGE), cause);
        this.code = code;
    }

    public ErrorCode code() {
        return code;
    }
}
