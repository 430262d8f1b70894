package dev.loupe.service.error;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * Converts exceptions of calls to a {@code google.rpc.Status} with an {@link ErrorInfo} (and a {@link RetryInfo} if a
 * retry may succeed), as {@link ProblemMappers} does for REST. Only for services with a gRPC server: the libraries that
 * this class uses are optional dependencies.
 */
public final class GrpcErrors {
    private static final String DOMAIN = "loupe.dev";
    /**
     * Limit in bytes of UTF-8. A message is sent twice, percent-encoded (three characters for a byte) and as base64,
     * and clients accept 8 KiB of trailers: a longer message would reach them as INTERNAL.
     */
    private static final int MAX_MESSAGE_LENGTH = 1000;

    private final RetryInfo retry;
    private final Function<Throwable, Optional<ErrorCode>> codes;

    /**
     * @param retryDelay delay after which clients may retry
     * @param codes error codes of exceptions whose message is for the client, in addition to {@link ServiceException}
     */
    public GrpcErrors(Duration retryDelay, Function<Throwable, Optional<ErrorCode>> codes) {
        this.retry = RetryInfo.newBuilder()
                .setRetryDelay(com.google.protobuf.Duration.newBuilder()
                        .setSeconds(retryDelay.getSeconds())
                        .setNanos(retryDelay.getNano()))
                .build();
        this.codes = codes;
    }

    public StatusRuntimeException toStatus(Throwable e) {
        if (e instanceof StatusRuntimeException already) {
            return already;
        }
        ErrorReport report = codes.apply(e)
                .map(code -> new ErrorReport(code, e.getMessage()))
                .orElseGet(() -> ErrorReport.of(e));
        return status(report.code(), report.detail(), report.members().get(ServiceException.RETRY_AFTER));
    }

    public StatusRuntimeException status(ErrorCode code, String message) {
        return status(code, message, null);
    }

    private StatusRuntimeException status(ErrorCode code, String message, Object retryAfterSeconds) {
        Category category = code.category();
        com.google.rpc.Status.Builder status = com.google.rpc.Status.newBuilder()
                .setCode(Code.valueOf(category.grpcStatus()).getNumber())
                .setMessage(shortened(message))
                .addDetails(Any.pack(ErrorInfo.newBuilder()
                        .setReason(code.name())
                        .setDomain(DOMAIN)
                        .build()));
        if (category.retryable()) {
            status.addDetails(Any.pack(retryAfterSeconds instanceof Long seconds ? after(seconds) : retry));
        }
        return StatusProto.toStatusRuntimeException(status.build());
    }

    private static RetryInfo after(long seconds) {
        return RetryInfo.newBuilder()
                .setRetryDelay(com.google.protobuf.Duration.newBuilder().setSeconds(seconds))
                .build();
    }

    private static String shortened(String message) {
        byte[] utf8 = message.getBytes(StandardCharsets.UTF_8);
        if (utf8.length <= MAX_MESSAGE_LENGTH) {
            return message;
        }
        int end = MAX_MESSAGE_LENGTH;
        while ((utf8[end] & 0xC0) == 0x80) {
            end--; // do not cut within a character
        }
        return new String(utf8, 0, end, StandardCharsets.UTF_8) + "…";
    }
}
