package dev.loupe.service.openapi;

import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;

/**
 * Serves the OpenAPI document at its default address, where the page {@code /openapi-ui/} expects it. The build generates
 * it; the Quarkus extension instead generates it at each start, which takes an eighth of the start.
 */
class ApiDocument {
    void route(@Observes Router router) {
        router.get("/openapi").handler(request -> request.reroute("/openapi.json"));
    }
}
