package dev.loupe.client;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A service refused a request, with a problem document (RFC 9457). */
public final class ProblemException extends ClientException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final boolean retryable;
    private final transient ObjectNode document;

    /** @param document the problem, at least with {@code status} and {@code detail} */
    ProblemException(ObjectNode document) {
        super(
                document.hasNonNull("code")
                        ? document.path("detail").asText() + " ("
                                + document.path("code").asText() + ")"
                        : document.path("detail").asText());
        this.status = document.path("status").asInt();
        this.code = document.path("code").asText();
        this.retryable = document.path("retryable").asBoolean();
        this.document = document;
    }

    /** HTTP status. */
    public int status() {
        return status;
    }

    /** Error code of the service; empty if the response was not a problem document. */
    public String code() {
        return code;
    }

    public boolean retryable() {
        return retryable;
    }

    /** The problem as the service sent it. */
    public ObjectNode document() {
        return document.deepCopy();
    }
}
