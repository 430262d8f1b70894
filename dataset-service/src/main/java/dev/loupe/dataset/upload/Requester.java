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

/** The client that waits for the answer to a request. */
final class Requester {
    /** How long the rest of a refused body is read, and how many bytes of it. */
    private static final Duration LINGER = Duration.ofSeconds(5);

    private static final long MOST_DISCARDED = 256L << 20;

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

    /**
     * Receives the body. Where it is refused, some of the rest is read and thrown away after the answer: a client that
     * only writes would see a broken connection instead of the answer. Then the connection ends.
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
            AtomicLong left = new AtomicLong(MOST_DISCARDED);
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
