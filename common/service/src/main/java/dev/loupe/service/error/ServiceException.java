package dev.loupe.service.error;

/**
 * An error that is reported to the client. Its message names the subject, the expected and the actual value, in at most
 * {@value #MAX_MESSAGE_LENGTH} characters: a longer message is shortened in the middle.
 */
public final class ServiceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final int MAX_MESSAGE_LENGTH = 1000;

    private final ErrorCode code;

    public ServiceException(ErrorCode code, String message) {
        super(QuotedInput.shortened(message, MAX_MESSAGE_LENGTH));
        this.code = code;
    }

    public ServiceException(ErrorCode code, String message, Throwable cause) {
        super(QuotedInput.shortened(message, MAX_MESSAGE_LENGTH), cause);
        this.code = code;
    }

    public ErrorCode code() {
        return code;
    }
}
