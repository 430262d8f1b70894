package dev.loupe.inference.serve;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.loupe.inference.runtime.PredictionConfig;
import dev.loupe.service.access.GrpcAccess;
import dev.loupe.service.access.GrpcGate;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.GrpcErrors;
import dev.loupe.service.error.ServiceException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Responds to calls with the result of their work or with its error. */
@ApplicationScoped
class CallResponder {
    /** Size in bytes up to which a response fits into what each call reserves anyway. */
    private static final int SMALL_RESPONSE = 16 << 10;

    private final GrpcErrors errors;

    CallResponder(GrpcErrors errors) {
        this.errors = errors;
    }

    @Produces
    @Singleton
    static GrpcErrors errors(PredictionConfig config) {
        return new GrpcErrors(config.retryAfter(), ImageErrors::code);
    }

    @Produces
    @Singleton
    static GrpcAccess access(GrpcGate gate, GrpcErrors errors) {
        return new GrpcAccess(gate, errors);
    }

    <T extends MessageLite> void respond(StreamObserver<T> call, Supplier<T> work) {
        T response;
        try {
            response = work.get();
            reserve(response.getSerializedSize());
        } catch (RuntimeException | Error e) {
            call.onError(errors.toStatus(e));
            return;
        }
        call.onNext(response);
        call.onCompleted();
    }

    /**
     * Returns the answer to a request of a {@link PredictionStream}: the result of its work, or its error as an answer.
     *
     * @param number number of the request in the stream
     */
    <T extends MessageLite> T answer(long number, Supplier<T> work, Function<StatusRuntimeException, T> refusal) {
        try {
            T answer = work.get();
            int size = answer.getSerializedSize();
            if (size > SMALL_RESPONSE && !CallMemoryReservation.current().reserve(number, size)) {
                throw noMemory();
            }
            return answer;
        } catch (RuntimeException | Error e) {
            return refusal.apply(errors.toStatus(e));
        }
    }

    /** The error code of a status, such as MODEL_NOT_FOUND; the name of the status if it has none. */
    static String reason(StatusRuntimeException refusal) {
        return detail(refusal, ErrorInfo.class)
                .map(ErrorInfo::getReason)
                .orElse(refusal.getStatus().getCode().name());
    }

    /** The delay after which a request may be repeated; empty if that does not help. */
    static Optional<Duration> retryDelay(StatusRuntimeException refusal) {
        return detail(refusal, RetryInfo.class).map(RetryInfo::getRetryDelay);
    }

    private static <T extends Message> Optional<T> detail(StatusRuntimeException refusal, Class<T> type) {
        for (Any detail : StatusProto.fromThrowable(refusal).getDetailsList()) {
            if (detail.is(type)) {
                try {
                    return Optional.of(detail.unpack(type));
                } catch (InvalidProtocolBufferException e) {
                    throw new IllegalStateException(e); // it was packed here
                }
            }
        }
        return Optional.empty();
    }

    /** Reserves memory for a response until its client has read it. */
    private static void reserve(int size) {
        if (size > SMALL_RESPONSE && !CallMemoryReservation.current().reserve(size)) {
            throw noMemory();
        }
    }

    private static ServiceException noMemory() {
        return new ServiceException(
                ErrorCode.OVERLOADED, "not enough memory for the response: the messages of other calls use it");
    }
}
