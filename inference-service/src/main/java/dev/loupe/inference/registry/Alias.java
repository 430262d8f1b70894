package dev.loupe.inference.registry;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;

/**
 * A name that points at a model version.
 *
 * @param name such as {@code production}
 * @param version number of the version that it points at
 * @param generation increases by one with every move
 */
public record Alias(String name, int version, long generation) {
    /** The alias that is used for a request without a version. */
    public static final String PRODUCTION = "production";

    private static final String PATTERN = "[a-z][a-z0-9-]{0,62}";

    public Alias {
        requireName(name);
    }

    /** Whether this is a valid name of an alias. A valid name cannot be confused with a version number. */
    public static boolean isName(String name) {
        return name.matches(PATTERN);
    }

    public static String requireName(String name) {
        if (!isName(name)) {
            throw new ServiceException(
                    ErrorCode.ALIAS_INVALID,
                    "alias: expected a name such as 'production' (" + PATTERN + "), got " + QuotedInput.of(name));
        }
        return name;
    }
}
