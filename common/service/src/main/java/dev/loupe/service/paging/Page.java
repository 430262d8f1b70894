package dev.loupe.service.paging;

import java.util.List;
import java.util.function.Function;

/**
 * A part of a long list.
 *
 * @param items in order
 * @param nextCursor what to ask with for the part that follows, null after the last
 */
public record Page<T>(List<T> items, String nextCursor) {
    public Page {
        items = List.copyOf(items);
    }

    /**
     * A page from one row more than was asked for: the extra row only tells that there is more.
     *
     * @param rows at most {@code request.limit() + 1}
     * @param position of an item in the order of the list
     */
    public static <T> Page<T> of(List<T> rows, PageRequest request, Function<T, String> position) {
        if (rows.size() <= request.limit()) {
            return new Page<>(rows, null);
        }
        List<T> items = rows.subList(0, request.limit());
        return new Page<>(items, PageRequest.cursorAfter(position.apply(items.getLast())));
    }
}
