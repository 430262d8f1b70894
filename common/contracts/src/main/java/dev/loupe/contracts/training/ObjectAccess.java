package dev.loupe.contracts.training;

import java.time.Instant;
import java.util.List;

/**
 * Grants a trainer access to its objects. A trainer has no account of the object storage. With the token of its attempt
 * it requests presigned URLs, each valid for one object and a few minutes. It may read its dataset version, its
 * backbone and its run's checkpoints, and write under its run's {@code checkpoints/} and {@code package/} and in its
 * attempt's folder. A trainer that evaluates may read its dataset version and the model package, and write in its
 * attempt's folder.
 */
public final class ObjectAccess {
    /** Most objects in one request. */
    public static final int MAX_OBJECTS = 1000;

    private ObjectAccess() {}

    /** Kind of access that a URL allows. */
    public enum Access {
        READ,
        WRITE
    }

    /** A request for access to one object. */
    public record AccessRequest(Access access, String bucket, String key) {}

    /** A request for access to several objects. */
    public record Request(List<AccessRequest> objects) {
        public Request {
            objects = objects == null ? List.of() : List.copyOf(objects);
        }
    }

    /**
     * The granted URLs.
     *
     * @param addresses presigned URLs, in the order of the request
     * @param validUntil when they expire
     */
    public record Grants(List<String> addresses, Instant validUntil) {
        public Grants {
            addresses = List.copyOf(addresses);
        }
    }

    /** An object of a listing. */
    public record Item(String key, long size, Instant modifiedAt) {}

    /** The objects with a key prefix, ordered by key. */
    public record Listing(List<Item> items) {
        public Listing {
            items = List.copyOf(items);
        }
    }
}
