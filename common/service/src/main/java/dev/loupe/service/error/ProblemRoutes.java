package dev.loupe.service.error;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.configuration.MemorySize;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Adds problem documents to errors that the HTTP server reports itself, without a body and without calling a resource.
 */
class ProblemRoutes {
    private static final int BEFORE_ALL_OTHERS = Integer.MIN_VALUE;
    /** A client that sends nothing for so long has stopped. */
    private static final long DISCARD_PAUSE_MILLIS = 500;
    /** 30 seconds. */
    private static final int MAX_DISCARD_ROUNDS = 60;

    private static final int[] STATUSES = {400, 401, 403, 404, 405, 406, 408, 411, 413, 414, 415, 431};

    private final ObjectMapper json;
    private final Optional<MemorySize> maxBodySize;

    ProblemRoutes(
            ObjectMapper json, @ConfigProperty(name = "quarkus.http.limits.max-body-size") Optional<MemorySize> limit) {
        this.json = json;
        this.maxBodySize = limit;
    }

    void register(@Observes Router router) {
        maxBodySize.ifPresent(limit -> router.route()
                .order(BEFORE_ALL_OTHERS)
                .handler(request -> refuseTooLarge(request, limit.asLongValue())));
        router.route().order(BEFORE_ALL_OTHERS).handler(this::refuseContentType);
        for (int status : STATUSES) {
            router.errorHandler(
                    status, request -> answer(request, Problem.ofStatus(status, describe(request, status))));
        }
    }

    private void refuseTooLarge(RoutingContext request, long limit) {
        String announced = request.request().getHeader(HttpHeaders.CONTENT_LENGTH);
        if (announced != null && announced.matches("\\d{1,18}") && Long.parseLong(announced) > limit) {
            discardBody(request);
            answer(
                    request,
                    Problem.of(
                            ErrorCode.REQUEST_TOO_LARGE,
                            "request body: expected at most " + limit + " bytes, got " + announced));
        } else {
            request.next();
        }
    }

    /**
     * Reads the body as long as it comes, and closes the connection then. A client that sends all of a body before it
     * reads the response would otherwise see a broken connection instead.
     */
    private static void discardBody(RoutingContext request) {
        HttpServerRequest body = request.request();
        request.response().putHeader(HttpHeaders.CONNECTION, "close");
        AtomicBoolean arrives = new AtomicBoolean();
        AtomicInteger rounds = new AtomicInteger();
        long timer = request.vertx().setPeriodic(DISCARD_PAUSE_MILLIS, _ -> {
            if (!arrives.getAndSet(false) || rounds.incrementAndGet() == MAX_DISCARD_ROUNDS) {
                body.connection().close();
            }
        });
        body.connection().closeHandler(_ -> request.vertx().cancelTimer(timer));
        body.handler(_ -> arrives.set(true)).endHandler(_ -> body.connection().close());
        body.resume();
    }

    private void refuseContentType(RoutingContext request) {
        String given = request.request().getHeader(HttpHeaders.CONTENT_TYPE);
        try {
            if (given != null) {
                MediaType.valueOf(given);
            }
            request.next();
        } catch (IllegalArgumentException _) {
            answer(request, Problem.ofStatus(415, "Content-Type: expected a media type, got " + QuotedInput.of(given)));
        }
    }

    private static String describe(RoutingContext request, int status) {
        return switch (status) {
            case 404 -> "no resource at " + QuotedInput.of(request.request().path());
            case 405 -> "the resource does not support this method";
            case 413, 414, 431 -> "the request is larger than the service accepts";
            default -> "invalid HTTP request";
        };
    }

    private void answer(RoutingContext request, Problem problem) {
        if (request.response().ended()) {
            return;
        }
        try {
            request.response()
                    .setStatusCode(problem.status())
                    .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                    .end(json.writeValueAsString(problem));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // our own record always serializes
        }
    }
}
