package dev.loupe.service.error;

/** Kinds of errors for clients; each has one HTTP status, one gRPC status and one meaning. */
public enum Category {
    INVALID(400, "INVALID_ARGUMENT", false),
    NOT_FOUND(404, "NOT_FOUND", false),
    /** Does not exist yet, but may be about to be created. */
    NOT_YET(404, "NOT_FOUND", true),
    /** The request did not arrive in time. */
    TIMEOUT(408, "DEADLINE_EXCEEDED", true),
    CONFLICT(409, "ABORTED", false),
    /** An identical request is still in progress. */
    IN_PROGRESS(409, "ABORTED", true),
    PRECONDITION(409, "FAILED_PRECONDITION", false),
    GONE(410, "FAILED_PRECONDITION", false),
    TOO_LARGE(413, "INVALID_ARGUMENT", false),
    UNSUPPORTED_MEDIA(415, "INVALID_ARGUMENT", false),
    UNPROCESSABLE(422, "INVALID_ARGUMENT", false),
    UNAUTHENTICATED(401, "UNAUTHENTICATED", false),
    FORBIDDEN(403, "PERMISSION_DENIED", false),
    EXHAUSTED(429, "RESOURCE_EXHAUSTED", true),
    INTERNAL(500, "INTERNAL", false),
    UNAVAILABLE(503, "UNAVAILABLE", true),
    /** The memory that the request needs is in use at the moment; a smaller or later request may succeed. */
    OVERLOADED(503, "RESOURCE_EXHAUSTED", true),
    STORAGE_FULL(507, "RESOURCE_EXHAUSTED", true);

    private final int httpStatus;
    private final String grpcStatus;
    private final boolean retryable;

    Category(int httpStatus, String grpcStatus, boolean retryable) {
        this.httpStatus = httpStatus;
        this.grpcStatus = grpcStatus;
        this.retryable = retryable;
    }

    public int httpStatus() {
        return httpStatus;
    }

    /** Name of the {@code google.rpc.Code}. */
    public String grpcStatus() {
        return grpcStatus;
    }

    /** Whether the same request may succeed later. */
    public boolean retryable() {
        return retryable;
    }
}
