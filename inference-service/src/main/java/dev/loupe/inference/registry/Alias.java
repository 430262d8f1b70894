package dev.loupe.inference.registry;

import dev.loupe.service.error.Echo;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;

/**
 * A name that points at a version.
 *
 * @param name such as {@code production}
 * @param version that it points at
 * @param generation grows by one with every move
 */
public record Alias(String name, int version, long generation) {
    /** The alias that answers a request which names no version. */
    public static final String PRODUCTION = "production";

    private static final String PATTERN = "[a-z][a-z0-9-]{0,62}";

    public Alias {
        requireName(name);
    }

    /** Whether this can be the name of an alias; it can't be taken for a version's number. */
    public static boolean isName(String name) {
        return name.matches(PATTERN);
    }

    static String requireName(String name) {
        if (!isName(name)) {
            throw new ServiceException(
                    ErrorCode.ALIAS_INVALID,
                    "alias: expected a name such as 'production' (" + PATTERN + "), got " + Echo.of(name));
        }
        return name;
    }
}
