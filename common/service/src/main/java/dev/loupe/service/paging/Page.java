package dev.loupe.service.paging;

import java.util.List;
import java.util.function.Function;

/**
 * A page of a list.
 *
 * @param items items of the page, in order
 * @param nextCursor cursor of the next page, null on the last page
 */
public record Page<T>(List<T> items, String nextCursor) {
    public Page {
        items = List.copyOf(items);
    }

    /**
     * Creates a page from up to one row more than the limit: the additional row only shows that another page exists.
     *
     * @param rows at most {@code request.limit() + 1}
     * @param position returns the position of an item in the order of the list
     */
    public static <T> Page<T> of(List<T> rows, PageRequest request, Function<T, String> position) {
        if (rows.size() <= request.limit()) {
            return new Page<>(rows, null);
        }
        List<T> items = rows.subList(0, request.limit());
        return new Page<>(items, PageRequest.cursorAfter(position.apply(items.getLast())));
    }
}
