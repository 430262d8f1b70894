package dev.loupe.console;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;

/**
 * An RFC 9457 problem document of the gateway itself, in the form of those of the services.
 *
 * @param status HTTP status
 * @param code stable name of the error
 * @param detail the error, for people
 * @param retryable whether the same request may succeed later
 */
record Problem(int status, String code, String detail, boolean retryable) {
    static final String MEDIA_TYPE = "application/problem+json";

    /** The service can't be reached: nothing of the request was done. */
    static Problem unavailable(Service service) {
        return new Problem(
                503,
                "SERVICE_UNAVAILABLE",
                service.label() + " is not reachable; it may be starting. Try again in some seconds.",
                true);
    }

    /** The connection broke before the service answered: the request may have been carried out. */
    static Problem interrupted(Service service) {
        return new Problem(
                502,
                "SERVICE_INTERRUPTED",
                service.label() + " ended the connection before it answered. Check whether the change was made, "
                        + "then try again.",
                true);
    }

    static Problem noResource(String path) {
        return new Problem(404, "INVALID_REQUEST", "no resource at '" + path + "'", false);
    }

    /** There is no login, or none that still counts. */
    static Problem unauthenticated() {
        return new Problem(401, "UNAUTHENTICATED", "expected a login, got none that is valid: log in at /login", false);
    }

    /** The services do not accept the token. */
    static Problem tokenRefused() {
        return new Problem(
                401, "TOKEN_REFUSED", "Loupe does not know this token: it may be mistyped, expired or revoked", false);
    }

    /** Another site made the browser send the request. */
    static Problem originRefused(String detail) {
        return new Problem(403, "ORIGIN_REFUSED", detail, false);
    }

    /** The provider can't renew the session now. */
    static Problem loginUnavailable() {
        return new Problem(
                503,
                "LOGIN_UNAVAILABLE",
                "the OpenID Connect provider can't be reached to renew the login. Try again in some seconds.",
                true);
    }

    static Problem invalid(String detail) {
        return new Problem(400, "INVALID_REQUEST", detail, false);
    }

    /** Answers the request. Its body may not be read: the connection ends with it, because the next request waits behind it. */
    void send(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        if (!SameOrigin.isReading(request)) {
            response.putHeader(HttpHeaders.CONNECTION, "close");
        }
        if (status == 503) {
            response.putHeader(HttpHeaders.RETRY_AFTER, "1");
        }
        response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .end(json());
    }

    Buffer json() {
        return new JsonObject()
                .put("type", "about:blank")
                .put("title", HttpResponseStatus.valueOf(status).reasonPhrase())
                .put("status", status)
                .put("code", code)
                .put("detail", detail)
                .put("retryable", retryable)
                .toBuffer();
    }
}
