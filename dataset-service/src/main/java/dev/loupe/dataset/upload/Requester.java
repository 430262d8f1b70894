package dev.loupe.dataset.upload;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.io.InputStream;
import java.util.function.Function;

/** The client that waits for the answer to a request. */
final class Requester {
    private final HttpServerRequest request;

    Requester(HttpServerRequest request) {
        this.request = request;
    }

    /** Whether its connection is closed: nothing is to be done for it any more. */
    boolean isGone() {
        return request.response().closed();
    }

    /** Bytes of the body as its header says, negative if it doesn't. */
    long announced() {
        String length = request.getHeader("Content-Length");
        try {
            return length == null ? -1 : Long.parseLong(length);
        } catch (NumberFormatException _) {
            return -1;
        }
    }

    /** Receives the body; where it is refused, the connection ends with the answer and the rest is not read. */
    <T> T receive(InputStream body, Function<InputStream, T> receiver) {
        try {
            return receiver.apply(body);
        } catch (RuntimeException e) {
            if (request.version() != HttpVersion.HTTP_2) {
                request.response().putHeader("Connection", "close");
                request.response().endHandler(_ -> request.connection().close());
            }
            throw e;
        }
    }
}
