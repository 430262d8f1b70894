package dev.loupe.console;

/** A login or its renewal that failed; the message is for the log. */
final class LoginFailure extends Exception {
    private static final long serialVersionUID = 1;

    private final Reason reason;

    LoginFailure(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    LoginFailure(Reason reason, String message) {
        this(reason, message, null);
    }

    Reason reason() {
        return reason;
    }

    /** What the login page says about it; the names are in its address. */
    enum Reason {
        /** The provider does not answer. */
        PROVIDER_UNAVAILABLE,
        /** The provider answers with an error, or with what can't be trusted. */
        PROVIDER_FAILED,
        /** The person or the provider refused the login. */
        DENIED,
        /** The login did not begin in this browser, or too long ago. */
        EXPIRED,
        /** The services do not accept the token. */
        REFUSED,
        /** dataset-service does not answer. */
        SERVICE_UNAVAILABLE
    }
}
