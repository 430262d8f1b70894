package dev.loupe.cli.server;

import dev.loupe.cli.CommandException;

/** A service refused a request and said why (RFC 9457). */
public final class ProblemException extends CommandException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final boolean retryable;

    ProblemException(int status, String code, String detail, boolean retryable) {
        super(code.isEmpty() ? detail : detail + " (" + code + ")");
        this.status = status;
        this.code = code;
        this.retryable = retryable;
    }

    /** HTTP status. */
    public int status() {
        return status;
    }

    /** The machine's word for it: an ErrorCode of the services; empty if the answer was no problem document. */
    public String code() {
        return code;
    }

    boolean retryable() {
        return retryable;
    }
}
