package dev.loupe.inference.serve;

import com.google.protobuf.MessageLite;
import dev.loupe.inference.runtime.PredictionConfig;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.GrpcErrors;
import dev.loupe.service.error.ServiceException;
import io.grpc.stub.StreamObserver;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
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

    /** Reserves memory for a response until its client has read it. */
    private static void reserve(int size) {
        if (size > SMALL_RESPONSE && !CallMemoryReservation.current().reserve(size)) {
            throw new ServiceException(
                    ErrorCode.OVERLOADED, "not enough memory for the response: the messages of other calls use it");
        }
    }
}
