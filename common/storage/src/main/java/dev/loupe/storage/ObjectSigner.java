package dev.loupe.storage;

import java.net.URI;
import java.time.Duration;

/**
 * Creates presigned URLs, with which a client without an account can access one object in one way for a short time.
 * Signing is local; the server checks the signature when the URL is used.
 */
public interface ObjectSigner {
    /** Kind of access that a URL allows. */
    enum Access {
        /** Read the object (HTTP GET). */
        READ,
        /** Write the whole object (HTTP PUT). */
        WRITE
    }

    /**
     * @param validity time from now, 1 second to 7 days
     */
    URI sign(Access access, ObjectLocation location, Duration validity);
}
