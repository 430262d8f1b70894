package dev.loupe.console;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
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
import javax.net.ssl.SSLException;
import org.jboss.logging.Logger;

/**
 * Forwards {@code /api/…}, and {@code /v2/…} of the Open Inference Protocol, to the service that answers the path; bodies
 * are streamed in both directions.
 */
@ApplicationScoped
class ApiRoutes implements ProxyInterceptor {
    private static final Logger LOG = Logger.getLogger(ApiRoutes.class);
    private static final String CONNECTED = "connected";

    private final Origins origins;
    private final Gate gate;
    private final HttpClient reads;
    private final HttpClient changes;
    private final HttpProxy proxy;

    ApiRoutes(Vertx vertx, ConsoleConfig config, Origins origins, Gate gate, ServiceTls tls) {
        this.origins = origins;
        this.gate = gate;
        // A browser gives up images that are no longer shown, which closes their connections. A request that gets such
        // a
        // connection out of the pool fails: so reads have a connection each, and changes share none with them.
        reads = vertx.createHttpClient(tls.apply(options(config).setKeepAlive(false)));
        changes = vertx.createHttpClient(tls.apply(options(config)));
        proxy = HttpProxy.reverseProxy(changes).origin(this::connect).addInterceptor(this);
    }

    private static HttpClientOptions options(ConsoleConfig config) {
        return new HttpClientOptions()
                .setConnectTimeout((int) config.connectTimeout().toMillis())
                .setMaxPoolSize(config.maxConnections())
                .setDecompressionSupported(false);
    }

    void register(@Observes Router router) {
        router.route("/api/*").handler(this::forward);
        router.route("/v2").handler(this::forward);
        router.route("/v2/*").handler(this::forward);
    }

    private void forward(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        if (Service.of(request.path()).isEmpty()) {
            Problem.noResource(request.path()).send(request);
            return;
        }
        gate.admit(request)
                .onSuccess(refusal ->
                        refusal.ifPresentOrElse(problem -> problem.send(request), () -> proxy.handle(request)))
                .onFailure(routing::fail);
    }

    private Future<HttpClientRequest> connect(ProxyContext context) {
        Service service = service(context);
        boolean isRead = context.request().getMethod().equals(HttpMethod.GET);
        return (isRead ? reads : changes)
                .request(origins.request(service))
                .onSuccess(_ -> context.set(CONNECTED, true));
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
        return context.sendRequest().recover(failed -> {
            if (failed instanceof SSLException) {
                LOG.warnf(
                        "%s: no TLS connection, see loupe.tls.ca: %s",
                        service(context).label(), failed.getMessage());
            }
            return Future.succeededFuture(unreachable(context));
        });
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
