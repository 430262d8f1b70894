package dev.loupe.console;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.buffer.Buffer;
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
