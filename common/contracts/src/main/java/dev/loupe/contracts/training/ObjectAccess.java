package dev.loupe.contracts.training;

import java.time.Instant;
import java.util.List;

/**
 * How a trainer comes to its objects: it has no account, and asks, with the token of its attempt, for addresses that are
 * good for one object and a few minutes each. What it may ask for: reading its dataset version, its backbone and its
 * run's checkpoints; writing under its run's {@code checkpoints/} and {@code package/} and its attempt's folder.
 */
public final class ObjectAccess {
    /** The most objects in one request. */
    public static final int MOST = 1000;

    private ObjectAccess() {}

    /** What an address is good for. */
    public enum Access {
        READ,
        WRITE
    }

    /** What is asked for. */
    public record AccessRequest(Access access, String bucket, String key) {}

    /** The request. */
    public record Request(List<AccessRequest> objects) {
        public Request {
            objects = objects == null ? List.of() : List.copyOf(objects);
        }
    }

    /**
     * The answer.
     *
     * @param addresses in the order of the request
     * @param validUntil when they run out
     */
    public record Grants(List<String> addresses, Instant validUntil) {
        public Grants {
            addresses = List.copyOf(addresses);
        }
    }

    /** An object of a listing. */
    public record Item(String key, long size, Instant modifiedAt) {}

    /** The objects under a prefix, by key. */
    public record Listing(List<Item> items) {
        public Listing {
            items = List.copyOf(items);
        }
    }
}
