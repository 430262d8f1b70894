package dev.loupe.inference.prediction;

import java.time.Instant;
import java.util.UUID;

/** The time in the ids of predictions, which are UUIDs of version 7 (RFC 9562). */
final class PredictionIds {
    private static final int TIME_SHIFT = 16;
    private static final long VERSION = 0x7000;
    private static final long VARIANT = 0x8000_0000_0000_0000L;

    private PredictionIds() {}

    /** The time at which the id was made, to the millisecond. */
    static Instant time(UUID id) {
        return Instant.ofEpochMilli(id.getMostSignificantBits() >>> TIME_SHIFT);
    }

    /** The least id of this millisecond. */
    static UUID first(Instant time) {
        return new UUID(time.toEpochMilli() << TIME_SHIFT | VERSION, VARIANT);
    }
}
