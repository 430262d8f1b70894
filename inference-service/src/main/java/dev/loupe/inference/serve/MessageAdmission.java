package dev.loupe.inference.serve;

import com.google.protobuf.MessageLite;
import dev.loupe.inference.runtime.PredictionConfig;
import dev.loupe.inference.serve.CallMemoryReservation.Refusal;
import dev.loupe.inference.serve.ReceivedMessages.Received;
import dev.loupe.inference.v1.InferenceServiceGrpc;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.GrpcErrors;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Decides for each call whether its message may be received. As the tracer of the call's stream, a {@link CallMemoryReservation}
 * counts the bytes that arrive; as an interceptor, this class ends calls that their reservation rejects, and calls
 * without exactly one message.
 */
@ApplicationScoped
class MessageAdmission extends ServerStreamTracer.Factory implements ServerInterceptor {
    /** Bytes of a message that a client may send before the server grants more. */
    static final int WINDOW = 256 << 10;

    private static final Set<String> PREDICTIONS =
            Set.of(GRPCInferenceServiceGrpc.SERVICE_NAME, InferenceServiceGrpc.SERVICE_NAME);
    /** Largest message of the other services: health and reflection. */
    private static final long OTHER_MESSAGE = 64 << 10;

    private static final Metadata.Key<String> ENCODING =
            Metadata.Key.of("grpc-encoding", Metadata.ASCII_STRING_MARSHALLER);

    private final MessageBudget budget;
    private final ConnectionLimit connections;
    private final GrpcErrors errors;
    private final long maxMessage;
    private final long timeoutMillis;
    private final ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("receive-timeout").daemon().factory());

    MessageAdmission(
            MessageBudget budget,
            ConnectionLimit connections,
            GrpcErrors errors,
            PredictionConfig predictions,
            ConnectionConfig config) {
        this.budget = budget;
        this.connections = connections;
        this.errors = errors;
        this.maxMessage = predictions.maxMessageSize().asLongValue();
        this.timeoutMillis = config.receiveTimeout().toMillis();
        timers.setRemoveOnCancelPolicy(true);
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        boolean prediction = isPrediction(method);
        // The decompressed size of a message is not known before it is decompressed.
        long first = prediction && isCompressed(headers) ? Math.max(WINDOW, maxMessage) : WINDOW;
        return new CallMemoryReservation(budget, prediction ? maxMessage : OTHER_MESSAGE, first);
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> given, Metadata headers, ServerCallHandler<Q, A> next) {
        ServerCall<Q, A> call = new SingleCloseCall<>(given);
        if (isCompressed(headers) && !isPrediction(call.getMethodDescriptor().getFullMethodName())) {
            call.close(
                    Status.UNIMPLEMENTED.withDescription("compressed messages are accepted by predictions only"),
                    new Metadata());
            return new ServerCall.Listener<>() {};
        }
        if (!connections.accepts(call.getAttributes())) {
            refuse(
                    call,
                    errors.status(
                            ErrorCode.OVERLOADED,
                            "the server accepts at most %d connections".formatted(connections.most())));
            return new ServerCall.Listener<>() {};
        }
        CallMemoryReservation reservation = CallMemoryReservation.current();
        if (!reservation.onRefusal(refusal -> refuse(call, status(refusal)))) {
            return new ServerCall.Listener<>() {};
        }
        boolean unary = call.getMethodDescriptor().getType().clientSendsOneMessage();
        if (!unary && isPrediction(call.getMethodDescriptor().getFullMethodName())) {
            reservation.beginStream(WINDOW);
            return new Requests<>(next.startCall(call, headers), reservation);
        }
        return unary
                ? new OneMessage<>(next.startCall(call, headers), call, reservation)
                : new Messages<>(next.startCall(call, headers), reservation);
    }

    private static boolean isPrediction(String method) {
        return PREDICTIONS.contains(method.substring(0, Math.max(0, method.lastIndexOf('/'))));
    }

    private static boolean isCompressed(Metadata headers) {
        String encoding = headers.get(ENCODING);
        return encoding != null && !encoding.equals("identity");
    }

    private StatusRuntimeException status(Refusal refusal) {
        return switch (refusal) {
            case NO_MEMORY ->
                errors.status(
                        ErrorCode.OVERLOADED,
                        "not enough memory for the message: the messages of other calls use the %d bytes"
                                .formatted(budget.size()));
            case TOO_LARGE ->
                errors.status(
                        ErrorCode.REQUEST_TOO_LARGE,
                        "message: expected at most %d bytes; send fewer or smaller images, or encode them as JPEG"
                                .formatted(maxMessage));
            case TOO_MANY_PIECES ->
                errors.status(ErrorCode.INVALID_REQUEST, "message: too many HTTP/2 DATA frames for its size");
            case TOO_SLOW ->
                errors.status(
                        ErrorCode.REQUEST_TOO_SLOW, "message: did not arrive within %d ms".formatted(timeoutMillis));
        };
    }

    private static void refuse(ServerCall<?, ?> call, StatusRuntimeException e) {
        call.close(e.getStatus(), e.getTrailers() == null ? new Metadata() : e.getTrailers());
    }

    private static long size(Object message) {
        return switch (message) {
            case Received received -> received.size();
            case MessageLite parsed -> parsed.getSerializedSize();
            default -> 0;
        };
    }

    @PreDestroy
    void close() {
        timers.shutdownNow();
    }

    /** A call that both its reservation and its handler may close: only the first close has an effect. Thread-safe. */
    private static final class SingleCloseCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private boolean closed;

        SingleCloseCall(ServerCall<Q, A> call) {
            super(call);
        }

        @Override
        public synchronized void sendHeaders(Metadata headers) {
            if (!closed) {
                super.sendHeaders(headers);
            }
        }

        @Override
        public synchronized void sendMessage(A message) {
            if (!closed) {
                super.sendMessage(message);
            }
        }

        @Override
        public synchronized void close(Status status, Metadata trailers) {
            if (!closed) {
                closed = true;
                super.close(status, trailers);
            }
        }
    }

    /** The messages of a stream: each is received separately, at any time. */
    private static final class Messages<Q> extends SimpleForwardingServerCallListener<Q> {
        private final CallMemoryReservation reservation;

        Messages(ServerCall.Listener<Q> next, CallMemoryReservation reservation) {
            super(next);
            this.reservation = reservation;
        }

        @Override
        public void onMessage(Q message) {
            if (reservation.arrived(size(message))) {
                super.onMessage(message);
            }
        }
    }

    /** The requests of a stream of predictions: each arrives within the time limit. */
    private final class Requests<Q> extends SimpleForwardingServerCallListener<Q> {
        private final ScheduledFuture<?> timer;

        Requests(ServerCall.Listener<Q> next, CallMemoryReservation reservation) {
            super(new Messages<>(next, reservation));
            long nanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
            this.timer = timers.scheduleWithFixedDelay(
                    () -> reservation.expireArriving(nanos), nanos, nanos, TimeUnit.NANOSECONDS);
        }

        @Override
        public void onCancel() {
            timer.cancel(false);
            super.onCancel();
        }

        @Override
        public void onComplete() {
            timer.cancel(false);
            super.onComplete();
        }
    }

    /** The message of a unary call. gRPC itself reports INTERNAL if there is none, or a second one. */
    private final class OneMessage<Q> extends SimpleForwardingServerCallListener<Q> {
        private final ServerCall<Q, ?> call;
        private final CallMemoryReservation reservation;
        private final ScheduledFuture<?> timer;
        private int messages;
        private boolean refused;

        OneMessage(ServerCall.Listener<Q> next, ServerCall<Q, ?> call, CallMemoryReservation reservation) {
            super(next);
            this.call = call;
            this.reservation = reservation;
            this.timer = timers.schedule(reservation::expire, timeoutMillis, TimeUnit.MILLISECONDS);
        }

        @Override
        public void onMessage(Q message) {
            timer.cancel(false);
            if (++messages > 1) {
                refuseCount("more");
            } else if (reservation.arrived(size(message))) {
                super.onMessage(message);
            } else {
                refused = true;
            }
        }

        @Override
        public void onHalfClose() {
            if (messages == 0) {
                refuseCount("none");
            } else if (!refused) {
                super.onHalfClose();
            }
        }

        private void refuseCount(String got) {
            refused = true;
            refuse(call, errors.status(ErrorCode.INVALID_REQUEST, "expected one message, got " + got));
        }

        @Override
        public void onCancel() {
            timer.cancel(false);
            super.onCancel();
        }

        @Override
        public void onComplete() {
            timer.cancel(false);
            super.onComplete();
        }
    }
}
