package dev.loupe.dataset.image;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.PageRequest;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Order of a list of images. Images with the same value are ordered by digest, so that each order is total. An index
 * serves each of them.
 */
enum ImageOrder {
    DIGEST("digest", "i.sha256", false),
    NAME("name", "i.name collate \"C\"", false),
    NAME_DESCENDING("-name", "i.name collate \"C\"", true),
    TIME("time", "i.created_at", false),
    TIME_DESCENDING("-time", "i.created_at", true),
    SIZE("size", "i.size", false),
    SIZE_DESCENDING("-size", "i.size", true);

    private static final int DIGEST_LENGTH = 64;

    private final String text;
    private final String key;
    private final boolean descending;

    /**
     * The last image of a page.
     *
     * @param key its value in the order
     */
    record Position(Object key, String sha256) {}

    ImageOrder(String text, String key, boolean descending) {
        this.text = text;
        this.key = key;
        this.descending = descending;
    }

    static ImageOrder parse(String text) {
        return Arrays.stream(values())
                .filter(order -> order.text.equals(text))
                .findFirst()
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.INVALID_REQUEST,
                        "sort: expected one of "
                                + Arrays.stream(values())
                                        .map(order -> order.text)
                                        .collect(Collectors.joining(", "))
                                + ", got " + QuotedInput.of(text)));
    }

    /** SQL expression of the value. */
    String key() {
        return key;
    }

    /** SQL condition for the images after the position {@code (:key, :sha256)}. */
    String after() {
        return "(" + key + ", i.sha256) " + (descending ? "<" : ">") + " (:key, :sha256)";
    }

    /** SQL order. */
    String by(String keyColumn, String digestColumn) {
        String direction = descending ? " desc" : "";
        return keyColumn + direction + ", " + digestColumn + direction;
    }

    /** The position of an image as part of a cursor. */
    String position(Image image) {
        return text + " " + image.sha256() + " "
                + switch (this) {
                    case DIGEST -> image.sha256();
                    case NAME, NAME_DESCENDING -> image.name();
                    case TIME, TIME_DESCENDING -> image.createdAt();
                    case SIZE, SIZE_DESCENDING -> image.size();
                };
    }

    /** Returns the position that the cursor of a page names, null for the first page. */
    Position after(PageRequest page) {
        if (page.after().isEmpty()) {
            return null;
        }
        String[] parts = page.after().split(" ", 3);
        if (parts.length != 3 || !parts[0].equals(text) || parts[1].length() != DIGEST_LENGTH) {
            throw invalidCursor(null);
        }
        try {
            return new Position(
                    switch (this) {
                        case DIGEST, NAME, NAME_DESCENDING -> parts[2];
                        case TIME, TIME_DESCENDING ->
                            OffsetDateTime.parse(parts[2]).withOffsetSameInstant(ZoneOffset.UTC);
                        case SIZE, SIZE_DESCENDING -> Long.valueOf(parts[2]);
                    },
                    parts[1]);
        } catch (DateTimeException | NumberFormatException e) {
            throw invalidCursor(e);
        }
    }

    private ServiceException invalidCursor(RuntimeException cause) {
        return new ServiceException(
                ErrorCode.INVALID_CURSOR,
                "cursor: expected the nextCursor of an earlier page with sort=" + text,
                cause);
    }
}
