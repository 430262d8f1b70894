package dev.loupe.inference.serve;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.MessageLite;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.loupe.inference.runtime.PredictionConfig;
import dev.loupe.service.error.Category;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Converts any exception of a call to a {@code google.rpc.Status} with an {@link ErrorInfo} (and a {@link RetryInfo} if
 * a retry may succeed). Clients never see a stack trace or a class name.
 */
@ApplicationScoped
class GrpcErrors {
    private static final Logger LOG = Logger.getLogger(GrpcErrors.class);
    private static final String DOMAIN = "loupe.dev";
    /**
     * Limit in bytes of UTF-8. A message is sent twice, percent-encoded (three characters for a byte) and as base64,
     * and clients accept 8 KiB of trailers: a longer message would reach them as INTERNAL.
     */
    private static final int LONGEST_MESSAGE = 1000;

    /** Size in bytes up to which an answer fits into what each call reserves anyway. */
    private static final int SMALL_ANSWER = 16 << 10;

    private final Duration retryDelay;

    GrpcErrors(PredictionConfig config) {
        this.retryDelay = Duration.newBuilder()
                .setSeconds(config.retryAfter().getSeconds())
                .setNanos(config.retryAfter().getNano())
                .build();
    }

    /** Answers a call with the result of the work, or with the error that it throws. */
    <T extends MessageLite> void answer(StreamObserver<T> call, Supplier<T> work) {
        T response;
        try {
            response = work.get();
            reserve(response.getSerializedSize());
        } catch (RuntimeException | Error e) {
            call.onError(toStatus(e));
            return;
        }
        call.onNext(response);
        call.onCompleted();
    }

    /** Reserves memory for an answer until its client has read it. */
    private static void reserve(int size) {
        if (size > SMALL_ANSWER && !Reception.current().reserve(size)) {
            throw new ServiceException(
                    ErrorCode.OVERLOADED, "the messages of other calls take the memory that the answer needs");
        }
    }

    StatusRuntimeException toStatus(Throwable e) {
        return switch (e) {
            case StatusRuntimeException already -> already;
            case ServiceException known -> status(known.code(), known.getMessage());
            default ->
                ImageErrors.code(e).map(code -> status(code, e.getMessage())).orElseGet(() -> {
                    LOG.error("unexpected", e);
                    return status(ErrorCode.INTERNAL, "internal error; see the server log");
                });
        };
    }

    private static String shortened(String message) {
        byte[] utf8 = message.getBytes(StandardCharsets.UTF_8);
        if (utf8.length <= LONGEST_MESSAGE) {
            return message;
        }
        int end = LONGEST_MESSAGE;
        while ((utf8[end] & 0xC0) == 0x80) {
            end--; // do not cut within a character
        }
        return new String(utf8, 0, end, StandardCharsets.UTF_8) + "…";
    }

    StatusRuntimeException status(ErrorCode code, String message) {
        Category category = code.category();
        com.google.rpc.Status.Builder status = com.google.rpc.Status.newBuilder()
                .setCode(Code.valueOf(category.grpcStatus()).getNumber())
                .setMessage(shortened(message))
                .addDetails(Any.pack(ErrorInfo.newBuilder()
                        .setReason(code.name())
                        .setDomain(DOMAIN)
                        .build()));
        if (category.retryable()) {
            status.addDetails(
                    Any.pack(RetryInfo.newBuilder().setRetryDelay(retryDelay).build()));
        }
        return StatusProto.toStatusRuntimeException(status.build());
    }
}
