package dev.loupe.service.paging;

import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;

/** Pages as HTTP responses. */
public final class Pages {
    private Pages() {}

    /** The page as JSON, with a {@code Link} to the next one (RFC 8288). */
    public static Response response(Page<?> page, UriInfo uri) {
        Response.ResponseBuilder answer = Response.ok(page);
        if (page.nextCursor() != null) {
            answer.link(
                    uri.getRequestUriBuilder()
                            .replaceQueryParam("cursor", page.nextCursor())
                            .build(),
                    "next");
        }
        return answer.build();
    }
}
