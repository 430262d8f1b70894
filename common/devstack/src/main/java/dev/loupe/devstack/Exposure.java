package dev.loupe.devstack;

/**
 * From where the servers can be reached, and with which passwords.
 *
 * @param listen address that they listen on: {@code 127.0.0.1}, or {@code 0.0.0.0} for every network of this machine
 * @param advertised host name under which clients elsewhere reach this machine; Kafka hands it to them
 * @param credentials of PostgreSQL and S3
 */
public record Exposure(String listen, String advertised, Credentials credentials) {
    private static final String LOOPBACK = "127.0.0.1";

    /** This machine alone, with credentials that are no secret. */
    public static final Exposure LOCAL = local(Credentials.CONSTANT);

    public Exposure {
        if (listen.isBlank() || advertised.isBlank()) {
            throw new IllegalArgumentException("the address to listen on and the advertised host can't be empty");
        }
        if (!listen.equals(LOOPBACK) && credentials.areConstant()) {
            throw new IllegalArgumentException("listening on " + listen + " needs a secret in the environment variable "
                    + Credentials.SECRET_VARIABLE);
        }
    }

    /** This machine alone. */
    public static Exposure local(Credentials credentials) {
        return new Exposure(LOOPBACK, LOOPBACK, credentials);
    }

    boolean isLocal() {
        return listen.equals(LOOPBACK);
    }
}
