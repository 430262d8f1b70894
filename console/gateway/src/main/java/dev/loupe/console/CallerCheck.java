package dev.loupe.console;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import jakarta.inject.Singleton;

/** Asks dataset-service whether it accepts a token. */
@Singleton
class CallerCheck {
    private static final String CALLER = "/api/v1/caller";
    private static final long PATIENCE_MILLIS = 10_000;

    private final Origins origins;
    private final HttpClient client;

    /** What dataset-service says about a token. */
    enum Result {
        ACCEPTED,
        REFUSED,
        UNAVAILABLE
    }

    CallerCheck(Vertx vertx, ConsoleConfig config, Origins origins, ServiceTls tls) {
        this.origins = origins;
        client = vertx.createHttpClient(tls.apply(new HttpClientOptions()
                .setConnectTimeout((int) config.connectTimeout().toMillis())));
    }

    /** Never fails. */
    Future<Result> check(String token) {
        return client.request(origins.request(Service.DATASET)
                        .setMethod(HttpMethod.GET)
                        .setURI(CALLER)
                        .setTimeout(PATIENCE_MILLIS))
                .map(request -> request.putHeader(HttpHeaders.AUTHORIZATION, "Bearer " + token))
                .compose(HttpClientRequest::send)
                .map(HttpClientResponse::statusCode)
                .map(status -> switch (status) {
                    case 200 -> Result.ACCEPTED;
                    case 401 -> Result.REFUSED;
                    default -> Result.UNAVAILABLE;
                })
                .otherwise(Result.UNAVAILABLE);
    }
}
