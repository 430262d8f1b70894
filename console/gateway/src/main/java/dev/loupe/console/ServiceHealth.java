package dev.loupe.console;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Arrays;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * {@code GET /api/v1/services}: the version of the console, and whether each service is ready, as its readiness probe
 * says: {@code READY}, {@code NOT_READY} or {@code UNREACHABLE}.
 */
@ApplicationScoped
class ServiceHealth {
    private static final long PATIENCE_MILLIS = 3_000;

    private final Origins origins;
    private final HttpClient client;
    private final String version;

    ServiceHealth(
            Vertx vertx,
            Origins origins,
            ServiceTls tls,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.origins = origins;
        this.version = version;
        client = vertx.createHttpClient(tls.apply(new HttpClientOptions()).setConnectTimeout((int) PATIENCE_MILLIS));
    }

    void register(@Observes Router router) {
        router.get("/api/v1/services").order(-1).handler(this::answer);
    }

    private void answer(RoutingContext routing) {
        List<Future<JsonObject>> asked =
                Arrays.stream(Service.values()).map(this::ask).toList();
        Future.all(asked).onSuccess(_ -> {
            JsonArray items = new JsonArray();
            asked.forEach(answer -> items.add(answer.result()));
            routing.response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                    .end(new JsonObject()
                            .put("version", version)
                            .put("items", items)
                            .toBuffer());
        });
    }

    private Future<JsonObject> ask(Service service) {
        return client.request(origins.request(service)
                        .setMethod(HttpMethod.GET)
                        .setURI("/q/health/ready")
                        .setTimeout(PATIENCE_MILLIS))
                .compose(HttpClientRequest::send)
                .map(HttpClientResponse::statusCode)
                .map(status -> status == 200 ? "READY" : "NOT_READY")
                .otherwise("UNREACHABLE")
                .map(state -> new JsonObject().put("name", service.label()).put("state", state));
    }
}
