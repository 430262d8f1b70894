package dev.loupe.console;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.Set;

/** Tells requests of the console's own pages from those that another site makes a browser send. */
final class SameOrigin {
    private static final String SITE = "Sec-Fetch-Site";
    private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
    private static final int SHOWN = 100;

    private SameOrigin() {}

    /** Whether the request changes nothing, so that it does not matter which page sent it. */
    static boolean isReading(HttpServerRequest request) {
        return READING.contains(request.method());
    }

    /** Whether a page sent the request: a browser sets these headers, and pages can't leave them out. */
    static boolean isOfBrowser(HttpServerRequest request) {
        return request.getHeader(HttpHeaders.ORIGIN) != null || request.getHeader(SITE) != null;
    }

    /** Why the request is not from a page of this origin; empty if it is. */
    static Optional<Problem> refusal(HttpServerRequest request, String own) {
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (origin != null) {
            return origin.equalsIgnoreCase(own)
                    ? Optional.empty()
                    : Optional.of(Problem.originRefused(
                            "Origin: expected " + own + " (loupe.console.url), got " + quoted(origin)));
        }
        String site = request.getHeader(SITE);
        return "same-origin".equals(site)
                ? Optional.empty()
                : Optional.of(Problem.originRefused("Origin: expected " + own + " (loupe.console.url), got none"
                        + (site == null ? "" : ", and Sec-Fetch-Site " + quoted(site))));
    }

    private static String quoted(String value) {
        return "'" + (value.length() > SHOWN ? value.substring(0, SHOWN) + "…" : value) + "'";
    }
}
