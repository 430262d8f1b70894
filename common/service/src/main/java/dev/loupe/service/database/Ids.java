package dev.loupe.service.database;

import com.github.f4b6a3.uuid.UuidCreator;
import java.util.UUID;

/** Generates ids. */
public final class Ids {
    private Ids() {}

    /** Returns a UUID of version 7 (RFC 9562). Later UUIDs sort after earlier ones, so they can be used for paging. */
    public static UUID next() {
        return UuidCreator.getTimeOrderedEpoch();
    }
}
