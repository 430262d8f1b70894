package dev.loupe.devstack;

/**
 * From where the servers can be reached.
 *
 * @param listen address that they listen on: {@code 127.0.0.1}, or {@code 0.0.0.0} for every network of this machine
 * @param advertised host name under which clients elsewhere reach this machine; Kafka hands it to them
 * @param secret PostgreSQL's password and S3's secret key
 */
public record Exposure(String listen, String advertised, String secret) {
    private static final String LOOPBACK = "127.0.0.1";

    /** This machine alone, with credentials that are no secret. */
    public static final Exposure LOCAL = new Exposure(LOOPBACK, LOOPBACK, "");

    public Exposure {
        if (listen.isBlank() || advertised.isBlank()) {
            throw new IllegalArgumentException("the address to listen on and the advertised host can't be empty");
        }
        if (!listen.equals(LOOPBACK) && secret.length() < 12) {
            throw new IllegalArgumentException("listening on " + listen + " needs a secret of at least 12 characters in"
                    + " the environment variable LOUPE_DEVSTACK_SECRET");
        }
    }

    boolean isLocal() {
        return listen.equals(LOOPBACK);
    }

    /** Never the secret. */
    @Override
    public String toString() {
        return "Exposure[listen=" + listen + ", advertised=" + advertised + "]";
    }
}
