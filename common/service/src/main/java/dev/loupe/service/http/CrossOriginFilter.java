package dev.loupe.service.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Problem;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Rejects requests that a foreign web page makes a browser send to a service without login: forms and scripts of other
 * origins, and requests for a host name that points here by DNS rebinding. A browser always sends the origin with a
 * request that changes something; other programs send none. Quarkus' own CORS filter trusts the host of any request, so
 * it cannot detect this.
 */
@ApplicationScoped
class CrossOriginFilter {
    /** Runs before Quarkus' filters, so that the body of a rejected request is not read. */
    private static final int FIRST = 1_000;

    private static final int SHOWN = 100;
    private static final String OPERATIONS = "/q/";
    private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    private final HttpConfig config;
    private final ObjectMapper json;

    CrossOriginFilter(HttpConfig config, ObjectMapper json) {
        this.config = config;
        this.json = json;
    }

    void register(@Observes Filters filters) {
        if (config.allowedHosts().isPresent() || config.allowedOrigins().isPresent()) {
            filters.register(this::check, FIRST);
        }
    }

    private void check(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (request.path() != null && request.path().startsWith(OPERATIONS)) {
            context.next();
            return;
        }
        Optional<String> refusal = foreignHost(request)
                .or(() -> READING.contains(request.method()) ? Optional.empty() : foreignPage(request));
        if (refusal.isEmpty()) {
            context.next();
        } else {
            refuse(context, refusal.get());
        }
    }

    private Optional<String> foreignHost(HttpServerRequest request) {
        if (config.allowedHosts().isEmpty()) {
            return Optional.empty();
        }
        List<String> allowed = config.allowedHosts().get();
        String host = authority(request).replaceFirst(":\\d*$", "");
        return allowed.stream().anyMatch(host::equalsIgnoreCase)
                ? Optional.empty()
                : Optional.of("Host: expected one of " + allowed + " (loupe.http.allowed-hosts), got " + quoted(host));
    }

    private Optional<String> foreignPage(HttpServerRequest request) {
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (origin == null) {
            // A browser too old to send the origin does not send this header either.
            String site = request.getHeader("Sec-Fetch-Site");
            return site == null || site.equals("same-origin") || site.equals("none")
                    ? Optional.empty()
                    : Optional.of("Sec-Fetch-Site: expected same-origin, got " + quoted(site));
        }
        String own = authority(request).toLowerCase(Locale.ROOT);
        String asked = origin.toLowerCase(Locale.ROOT);
        boolean allowed = asked.equals("http://" + own)
                || asked.equals("https://" + own)
                || config.allowedOrigins().orElse(List.of()).stream().anyMatch(origin::equalsIgnoreCase);
        return allowed
                ? Optional.empty()
                : Optional.of("Origin: expected the service's own or one of loupe.http.allowed-origins, got "
                        + quoted(origin));
    }

    private static String authority(HttpServerRequest request) {
        return request.authority() == null ? "" : request.authority().toString();
    }

    private static String quoted(String value) {
        return "'" + (value.length() > SHOWN ? value.substring(0, SHOWN) + "…" : value) + "'";
    }

    private void refuse(RoutingContext context, String detail) {
        if (context.request().version() != HttpVersion.HTTP_2) {
            // The rest of the body is not read.
            context.response().putHeader(HttpHeaders.CONNECTION, "close");
        }
        try {
            context.response()
                    .setStatusCode(ErrorCode.ORIGIN_REFUSED.category().httpStatus())
                    .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                    .end(json.writeValueAsString(Problem.of(ErrorCode.ORIGIN_REFUSED, detail)));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
