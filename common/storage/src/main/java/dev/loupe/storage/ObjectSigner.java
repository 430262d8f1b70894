package dev.loupe.storage;

import java.net.URI;
import java.time.Duration;

/**
 * Makes addresses by which somebody without an account does one thing with one object for a short time. Asks no server: an
 * address is signed here, and checked by the server when it is used.
 */
public interface ObjectSigner {
    /** What an address is good for. */
    enum Access {
        /** Reading the object (HTTP GET). */
        READ,
        /** Writing it, whole (HTTP PUT). */
        WRITE
    }

    /**
     * @param validity from now, 1 second to 7 days
     */
    URI sign(Access access, ObjectLocation location, Duration validity);
}
