package dev.loupe.service.limit;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.util.UUID;

/**
 * How many requests a project or an API token may make.
 *
 * @param id of the project or the token
 * @param requestsPerSecond to one replica; null: the default of the configuration
 * @param revision increases by one with every change
 */
public record RequestLimit(UUID id, LimitKind kind, Double requestsPerSecond, long revision) {
    /** Beyond it, there is no difference to no limit. */
    public static final double MAX_RATE = 1_000_000;

    private static final double MIN_RATE = 0.001;

    /** @throws ServiceException {@code INVALID_REQUEST} if the rate is not from 0.001 to a million; null is accepted */
    public static void requireRate(Double requestsPerSecond) {
        if (requestsPerSecond != null && !(requestsPerSecond >= MIN_RATE && requestsPerSecond <= MAX_RATE)) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "requestsPerSecond: expected " + MIN_RATE + " to 1000000, got " + requestsPerSecond);
        }
    }
}
