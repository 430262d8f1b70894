package dev.loupe.dataset.upload;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** The client that waits for the response to a request. */
final class Requester {
    /** Limits of the time and the number of bytes for reading the rest of a rejected body. */
    private static final Duration LINGER = Duration.ofSeconds(5);

    private static final long MAX_DISCARDED = 256L << 20;

    private final HttpServerRequest request;

    Requester(HttpServerRequest request) {
        this.request = request;
    }

    /** Whether its connection is closed, so that processing the request is useless. */
    boolean isGone() {
        return request.response().closed();
    }

    /** Size of the body in bytes according to its header, negative if unknown. */
    long announced() {
        String length = request.getHeader("Content-Length");
        try {
            return length == null ? -1 : Long.parseLong(length);
        } catch (NumberFormatException _) {
            return -1;
        }
    }

    /**
     * Receives the body. If it is rejected, some of the rest is read and discarded after the response, because a client
     * that only writes would otherwise see a broken connection instead of the response. Then the connection is closed.
     */
    <T> T receive(InputStream body, Function<InputStream, T> receiver) {
        try {
            return receiver.apply(body);
        } catch (ServiceException e) {
            boolean tooSlow = e.code() == ErrorCode.REQUEST_TOO_SLOW;
            request.response().endHandler(_ -> close(tooSlow ? Duration.ZERO : LINGER));
            throw e;
        } catch (RuntimeException e) {
            request.response().endHandler(_ -> close(Duration.ZERO));
            throw e;
        }
    }

    private void close(Duration linger) {
        HttpConnection connection = request.connection();
        if (linger.isZero()) {
            connection.close();
            return;
        }
        Context context = Vertx.currentContext();
        context.runOnContext(_ -> {
            if (request.isEnded()) {
                connection.close();
                return;
            }
            AtomicLong left = new AtomicLong(MAX_DISCARDED);
            request.handler(buffer -> {
                if (left.addAndGet(-buffer.length()) < 0) {
                    connection.close();
                }
            });
            request.endHandler(_ -> connection.close());
            request.exceptionHandler(_ -> connection.close());
            context.owner().setTimer(linger.toMillis(), _ -> connection.close());
            request.resume();
        });
    }
}
