package dev.loupe.console;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.httpproxy.Body;
import io.vertx.httpproxy.HttpProxy;
import io.vertx.httpproxy.ProxyContext;
import io.vertx.httpproxy.ProxyInterceptor;
import io.vertx.httpproxy.ProxyResponse;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Forwards {@code /api/…}, and {@code /v2/…} of the Open Inference Protocol, to the service that answers the path; bodies
 * are streamed in both directions.
 */
@ApplicationScoped
class ApiRoutes implements ProxyInterceptor {
    private static final String CONNECTED = "connected";

    private final Origins origins;
    private final HttpClient client;
    private final HttpProxy proxy;

    ApiRoutes(Vertx vertx, ConsoleConfig config, Origins origins) {
        this.origins = origins;
        client = vertx.createHttpClient(new HttpClientOptions()
                .setConnectTimeout((int) config.connectTimeout().toMillis())
                .setMaxPoolSize(config.maxConnections())
                .setDecompressionSupported(false));
        proxy = HttpProxy.reverseProxy(client).origin(this::connect).addInterceptor(this);
    }

    void register(@Observes Router router) {
        router.route("/api/*").handler(this::forward);
        router.route("/v2").handler(this::forward);
        router.route("/v2/*").handler(this::forward);
    }

    private void forward(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        if (Service.of(request.path()).isEmpty()) {
            Problem problem = Problem.noResource(request.path());
            request.response()
                    .setStatusCode(problem.status())
                    .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                    .end(problem.json());
            return;
        }
        proxy.handle(request);
    }

    private Future<HttpClientRequest> connect(ProxyContext context) {
        Service service = service(context);
        return client.request(origins.request(service)).onSuccess(_ -> context.set(CONNECTED, true));
    }

    /** The services check Host and Origin against each other, so both stay as the browser sent them. */
    @Override
    public Future<ProxyResponse> handleProxyRequest(ProxyContext context) {
        HttpServerRequest request = context.request().proxiedRequest();
        if (request.authority() != null) {
            context.request().setAuthority(request.authority());
        }
        // Answered by this server already.
        context.request().headers().remove(HttpHeaders.EXPECT);
        return context.sendRequest().recover(failed -> Future.succeededFuture(unreachable(context)));
    }

    private static ProxyResponse unreachable(ProxyContext context) {
        Service service = service(context);
        Problem problem = context.get(CONNECTED, Boolean.class) == null
                ? Problem.unavailable(service)
                : Problem.interrupted(service);
        ProxyResponse response = context.request()
                .release()
                .response()
                .setStatusCode(problem.status())
                .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                .setBody(Body.body(problem.json()));
        return problem.status() == 503 ? response.putHeader(HttpHeaders.RETRY_AFTER, "1") : response;
    }

    private static Service service(ProxyContext context) {
        return Service.of(context.request().proxiedRequest().path()).orElseThrow();
    }
}
