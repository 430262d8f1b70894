package dev.loupe.console;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Serves the pages: every path that is not a file is a page of the console, and gets {@code index.html}, which shows it.
 * The files themselves are served by Quarkus, from {@code META-INF/resources}.
 */
@ApplicationScoped
class Pages {
    private static final String INDEX = "/";
    /** Files whose name contains a digest of their content. */
    private static final String ASSETS = "/assets/";

    private static final int FIRST = Integer.MIN_VALUE;
    private static final int AFTER_THE_FILES = 20_000;

    /** Scripts, styles and fonts come from here alone; images also from memory: previews of what is uploaded. */
    private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; "
            + "font-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; "
            + "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final String NO_PAGES = """
            This build of the console has no pages: Node was missing.
            They are built where Node 20.19 or newer is on the PATH. The APIs are here, below /api/v1.
            """;

    void register(@Observes Router router) {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        addRoutes(router, loader.getResource("META-INF/resources/index.html") != null);
    }

    /**
     * Adds the routes of the pages.
     *
     * @param built whether the class path has the pages; the build leaves them out where there is no Node
     */
    static void addRoutes(Router router, boolean built) {
        router.route().order(FIRST).handler(Pages::addHeaders);
        router.get().order(AFTER_THE_FILES).handler(built ? Pages::page : Pages::noPage);
    }

    private static void addHeaders(RoutingContext routing) {
        String path = routing.request().path();
        if (isPageOrFile(path)) {
            routing.addHeadersEndHandler(_ -> {
                boolean immutable =
                        path.startsWith(ASSETS) && routing.response().getStatusCode() < 400;
                MultiMap headers = routing.response().headers();
                headers.set(HttpHeaders.CACHE_CONTROL, immutable ? "public, max-age=31536000, immutable" : "no-cache");
                headers.set("Content-Security-Policy", CONTENT_SECURITY_POLICY);
                headers.set("X-Content-Type-Options", "nosniff");
                headers.set("Referrer-Policy", "same-origin");
                headers.set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()");
            });
        }
        routing.next();
    }

    private static void page(RoutingContext routing) {
        String path = routing.request().path();
        String accepted = routing.request().getHeader(HttpHeaders.ACCEPT);
        boolean html = accepted != null && accepted.contains("text/html");
        if (html && isPageOrFile(path) && !path.startsWith(ASSETS) && !path.equals(INDEX)) {
            routing.reroute(HttpMethod.GET, INDEX);
        } else {
            routing.next();
        }
    }

    private static void noPage(RoutingContext routing) {
        if (isPageOrFile(routing.request().path())) {
            routing.response()
                    .setStatusCode(503)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
                    .end(NO_PAGES);
        } else {
            routing.next();
        }
    }

    private static boolean isPageOrFile(String path) {
        return path != null
                && !path.startsWith("/api/")
                && !path.startsWith("/q/")
                && !path.startsWith(LoginRoutes.BELOW)
                && Service.of(path).isEmpty();
    }
}
