package dev.loupe.service.error;

import java.util.HashMap;
import java.util.Map;

/**
 * An error that is reported to the client. Its message names the subject, the expected and the actual value, in at most
 * {@value #MAX_MESSAGE_LENGTH} characters: a longer message is shortened in the middle.
 */
public final class ServiceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Member with the seconds after which a retry may succeed: REST and gRPC tell the client. */
    public static final String RETRY_AFTER = "retryAfterSeconds";

    private static final int MAX_MESSAGE_LENGTH = 1000;

    private final ErrorCode code;
    private final transient Map<String, Object> members;

    public ServiceException(ErrorCode code, String message) {
        this(code, message, Map.of());
    }

    private ServiceException(ErrorCode code, String message, Map<String, Object> members) {
        super(QuotedInput.shortened(message, MAX_MESSAGE_LENGTH));
        this.code = code;
        this.members = Map.copyOf(members);
    }

    public ServiceException(ErrorCode code, String message, Throwable cause) {
        super(QuotedInput.shortened(message, MAX_MESSAGE_LENGTH), cause);
        this.code = code;
        this.members = Map.of();
    }

    /** Returns this error with a further member of its problem document. */
    public ServiceException with(String member, Object value) {
        Map<String, Object> all = new HashMap<>(members);
        all.put(member, value);
        return new ServiceException(code, getMessage(), all);
    }

    public ErrorCode code() {
        return code;
    }

    /** Further members of the problem document: details for machines. */
    public Map<String, Object> members() {
        return members;
    }
}
