package dev.loupe.service.database;

import com.github.f4b6a3.uuid.UuidCreator;
import java.util.UUID;

/** Names for new things. */
public final class Ids {
    private Ids() {}

    /** A UUID of version 7 (RFC 9562): later ones sort after earlier ones, so they serve as keys of pages. */
    public static UUID next() {
        return UuidCreator.getTimeOrderedEpoch();
    }
}
