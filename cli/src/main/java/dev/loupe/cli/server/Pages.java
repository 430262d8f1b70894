package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.client.ServiceClient;
import dev.loupe.client.http.ApiException;
import java.util.ArrayList;
import java.util.List;

/** Reads lists that come in pages. */
final class Pages {
    private static final int MAX_PAGE_SIZE = 100;

    private Pages() {}

    @FunctionalInterface
    interface Page {
        Object get(String cursor, int limit) throws ApiException;
    }

    /** All items of a keyset-paged list, at most {@code most}. */
    static List<JsonNode> items(ServiceClient service, int most, Page list) {
        List<JsonNode> items = new ArrayList<>();
        String cursor = null;
        do {
            String from = cursor;
            int limit = Math.min(MAX_PAGE_SIZE, most - items.size());
            JsonNode page = service.tree(() -> list.get(from, limit));
            page.path("items").forEach(items::add);
            cursor = page.path("nextCursor").asText(null);
        } while (cursor != null && items.size() < most);
        return items;
    }
}
