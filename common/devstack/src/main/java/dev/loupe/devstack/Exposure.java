package dev.loupe.devstack;

/**
 * The interfaces that the servers listen on, and their credentials.
 *
 * @param listen address to listen on: {@code 127.0.0.1}, or {@code 0.0.0.0} for all interfaces of this machine
 * @param advertised host name by which remote clients reach this machine; Kafka sends it to them
 * @param credentials credentials of PostgreSQL and S3
 */
public record Exposure(String listen, String advertised, Credentials credentials) {
    private static final String LOOPBACK = "127.0.0.1";

    /** Listens on this machine only, with credentials that are not secret. */
    public static final Exposure LOCAL = local(Credentials.CONSTANT);

    public Exposure {
        if (listen.isBlank() || advertised.isBlank()) {
            throw new IllegalArgumentException("the address to listen on and the advertised host must not be empty");
        }
        if (!listen.equals(LOOPBACK) && credentials.areConstant()) {
            throw new IllegalArgumentException("listening on " + listen
                    + " requires a secret in the environment variable " + Credentials.SECRET_VARIABLE);
        }
    }

    /** Listens on this machine only. */
    public static Exposure local(Credentials credentials) {
        return new Exposure(LOOPBACK, LOOPBACK, credentials);
    }

    boolean isLocal() {
        return listen.equals(LOOPBACK);
    }
}
