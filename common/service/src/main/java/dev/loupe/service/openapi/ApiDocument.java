package dev.loupe.service.openapi;

import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;

/**
 * The document of the REST API at its default address, where also the page {@code /openapi-ui/} looks for it. It is written
 * by the build: to make it at each start costs an eighth of the start.
 */
class ApiDocument {
    void route(@Observes Router router) {
        router.get("/openapi").handler(request -> request.reroute("/openapi.json"));
    }
}
