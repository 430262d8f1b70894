package dev.loupe.inference.registry;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;

/** The header If-Match of a compare-and-set. */
public final class IfMatch {
    private IfMatch() {}

    /** Returns the generation or revision that the header names, null without a header. */
    public static Long revision(String header) {
        if (header == null) {
            return null;
        }
        if (!header.matches("\"?[0-9]{1,18}\"?")) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "If-Match: expected a number such as \"3\", got " + QuotedInput.of(header));
        }
        return Long.valueOf(header.replace("\"", ""));
    }
}
