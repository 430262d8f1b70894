package dev.loupe.service.error;

/**
 * An error that is reported to the client. Its message names the subject, the expected and the actual value, in at most
 * {@value #LONGEST_MESSAGE} characters: a longer message is shortened in the middle.
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
