package dev.loupe.inference.serve;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import io.grpc.StatusRuntimeException;
import io.vertx.core.AsyncResult;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/**
 * A prediction over HTTP: the memory that it reserves from the {@link MessageBudget} until its response is sent, and
 * its cancellation, if the client closes the connection before. Thread-safe.
 */
final class HttpCall {
    private static final String KEY = HttpCall.class.getName();
    private static final int PIECE = 1 << 16;
    static final String IDENTITY = "identity";
    static final String GZIP = "gzip";
    static final String DEFLATE = "deflate";

    private final MessageBudget budget;
    private final Duration receiveTimeout;
    private final long maxSize;
    private final CancellableContext context;
    private final boolean admitted;
    private long reserved;
    private boolean ended;

    /**
     * Registers the call with its request, and reserves memory for its body.
     *
     * @param maxSize most bytes of a body
     * @param receiveTimeout longest time until the body has arrived
     * @param memory bytes that the body takes, also when it is parsed
     */
    static void register(
            RoutingContext request, MessageBudget budget, long maxSize, Duration receiveTimeout, long memory) {
        Context headers = ArmHeaders.of(request.request()::getHeader).in(Context.ROOT);
        HttpCall call = new HttpCall(headers, budget, maxSize, receiveTimeout, memory);
        request.put(KEY, call);
        request.addEndHandler(call::end);
    }

    private HttpCall(Context headers, MessageBudget budget, long maxSize, Duration receiveTimeout, long memory) {
        this.context = headers.withCancellation();
        this.budget = budget;
        this.maxSize = maxSize;
        this.receiveTimeout = receiveTimeout;
        this.admitted = reserve(Math.min(memory, budget.size()));
    }

    static HttpCall of(RoutingContext request) {
        return request.get(KEY);
    }

    /** Reserves more memory until the response is sent; false if it is in use at the moment. */
    synchronized boolean reserve(long bytes) {
        if (ended) {
            return true; // no response will be sent
        }
        if (!budget.tryReserve(bytes)) {
            return false;
        }
        reserved += bytes;
        return true;
    }

    private void end(AsyncResult<Void> result) {
        synchronized (this) {
            ended = true;
            budget.release(reserved);
            reserved = 0;
        }
        context.cancel(result.cause());
    }

    /**
     * Reads the body to its end. If there is no memory for it, it is read and discarded, because a client that only
     * writes would see a broken connection instead of the response.
     *
     * @throws ServiceException {@code OVERLOADED} if there is no memory for it; {@code REQUEST_TOO_LARGE}; {@code
     *     REQUEST_TOO_SLOW}; {@code INVALID_REQUEST} if it ends early
     */
    byte[] receive(InputStream body) {
        long end = System.nanoTime() + receiveTimeout.toNanos();
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        byte[] piece = new byte[PIECE];
        long size = 0;
        for (int n = read(body, piece); n >= 0; n = read(body, piece)) {
            size += n;
            if (size > maxSize) {
                throw tooLarge();
            }
            if (System.nanoTime() > end) {
                throw new ServiceException(
                        ErrorCode.REQUEST_TOO_SLOW,
                        "request body: did not arrive within %d ms".formatted(receiveTimeout.toMillis()));
            }
            if (admitted) {
                received.write(piece, 0, n);
            }
        }
        if (!admitted) {
            throw overloaded();
        }
        return received.toByteArray();
    }

    /**
     * Decompresses a body, and reserves memory for it as it grows.
     *
     * @param encoding {@code identity}, {@code gzip} or {@code deflate}
     * @throws ServiceException {@code OVERLOADED}, {@code REQUEST_TOO_LARGE}; {@code INVALID_REQUEST} for another
     *     encoding, or if it cannot be decompressed
     */
    byte[] decompressed(byte[] body, String encoding) {
        if (encoding.equals(IDENTITY)) {
            return body;
        }
        ByteArrayOutputStream decompressed = new ByteArrayOutputStream();
        byte[] piece = new byte[PIECE];
        try (InputStream in = decompressor(new ByteArrayInputStream(body), encoding)) {
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                if (decompressed.size() + n > maxSize) {
                    throw tooLarge();
                }
                if (!reserve(n)) {
                    throw overloaded();
                }
                decompressed.write(piece, 0, n);
            }
        } catch (IOException e) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "request body: expected the encoding " + encoding + ": " + e.getMessage(),
                    e);
        }
        return decompressed.toByteArray();
    }

    private static InputStream decompressor(InputStream body, String encoding) throws IOException {
        return switch (encoding) {
            case GZIP -> new GZIPInputStream(body);
            case DEFLATE -> new InflaterInputStream(body);
            default ->
                throw new ServiceException(
                        ErrorCode.INVALID_REQUEST,
                        "Content-Encoding: expected %s, %s or %s, got %s"
                                .formatted(IDENTITY, GZIP, DEFLATE, QuotedInput.of(encoding)));
        };
    }

    private ServiceException tooLarge() {
        return new ServiceException(
                ErrorCode.REQUEST_TOO_LARGE,
                "request body: expected at most %d bytes; send fewer or smaller images, or encode them as JPEG"
                        .formatted(maxSize));
    }

    private ServiceException overloaded() {
        return new ServiceException(
                ErrorCode.OVERLOADED,
                "not enough memory for the request: others use the %d bytes".formatted(budget.size()));
    }

    private static int read(InputStream body, byte[] piece) {
        try {
            return body.read(piece);
        } catch (IOException e) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST, "the request's body ended early, or nothing of it came for too long", e);
        }
    }

    /** Runs the work; it is cancelled if the client closes the connection. */
    <T> T run(Supplier<T> work) {
        Context previous = context.attach();
        try {
            return work.get();
        } catch (StatusRuntimeException e) {
            throw new ServiceException(ErrorCode.REQUEST_TOO_SLOW, "the client closed the connection", e);
        } finally {
            context.detach(previous);
        }
    }
}
