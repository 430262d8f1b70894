package dev.loupe.service.paging;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A request for a page of a list.
 *
 * @param limit maximum number of items, 1..1000
 * @param after position of the item before the page, empty for the first page
 */
public record PageRequest(int limit, String after) {
    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 1000;

    /**
     * @param limit requested limit, null: 50
     * @param cursor cursor from an earlier page, null: the first page
     */
    public static PageRequest of(Integer limit, String cursor) {
        Fields.within("limit", limit, 1, MAX_LIMIT);
        int requested = limit == null ? DEFAULT_LIMIT : limit;
        return new PageRequest(requested, cursor == null || cursor.isBlank() ? "" : decode(cursor));
    }

    /** Returns the position before the page in a list of numbered items, 0 for the first page. */
    public int afterNumber() {
        try {
            return after.isEmpty() ? 0 : Integer.parseInt(after);
        } catch (NumberFormatException e) {
            throw new ServiceException(ErrorCode.INVALID_CURSOR, "cursor: not one that an earlier page gave", e);
        }
    }

    static String cursorAfter(String position) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(position.getBytes(StandardCharsets.UTF_8));
    }

    private static String decode(String cursor) {
        try {
            return new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new ServiceException(
                    ErrorCode.INVALID_CURSOR,
                    "cursor: expected the nextCursor of an earlier page, got " + QuotedInput.of(cursor),
                    e);
        }
    }
}
