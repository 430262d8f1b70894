package dev.loupe.client;

import com.google.protobuf.UnsafeByteOperations;
import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import dev.loupe.inference.v1.ClassifyRequest;
import dev.loupe.inference.v1.ClassifyResponse;
import dev.loupe.inference.v1.DetectAnomalyRequest;
import dev.loupe.inference.v1.DetectAnomalyResponse;
import dev.loupe.inference.v1.InferenceServiceGrpc;
import dev.loupe.inference.v1.InferenceServiceGrpc.InferenceServiceBlockingStub;
import dev.loupe.inference.v1.ModelSelector;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc;
import dev.loupe.oip.v2.ServerReadyRequest;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractBlockingStub;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The typed gRPC API. Every call has a deadline; it is repeated while the server is overloaded or loads the model.
 *
 * <p>Thread-safe. An error of the server is thrown as a {@link PredictionException} with the server's message. The bytes
 * of an image are not copied: they must not change during a call.
 */
public final class Predictions implements AutoCloseable {
    private static final String TLS = "https://";
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final int MAX_MESSAGE_BYTES = 64 << 20;

    private final ManagedChannel channel;
    private final String target;
    private final Metadata headers;
    private final RetryPolicy<Object> retries = RetryPolicy.builder()
            .handleIf(Predictions::isTemporary)
            .withBackoff(Duration.ofMillis(100), Duration.ofSeconds(2))
            .withJitter(0.2)
            .withMaxAttempts(8)
            .withMaxDuration(Duration.ofSeconds(20))
            .build();

    private static boolean isTemporary(Throwable failure) {
        if (!(failure instanceof StatusRuntimeException refused)) {
            return false;
        }
        String description = refused.getStatus().getDescription();
        return switch (refused.getStatus().getCode()) {
            case UNAVAILABLE -> true;
            // gRPC uses the same code for a message that is too large: a repetition would not help.
            case RESOURCE_EXHAUSTED -> description == null || !description.contains("exceeds maximum size");
            default -> false;
        };
    }

    /** As {@link #Predictions(String, String)} without a token. */
    Predictions(String target) {
        this(target, null);
    }

    /**
     * @param target {@code host:port}, or {@code https://host:port} for TLS
     * @param token API token of the caller, null: none
     */
    Predictions(String target, String token) {
        this.target = target;
        this.headers = new Metadata();
        boolean secure = target.startsWith(TLS);
        ManagedChannelBuilder<?> builder =
                ManagedChannelBuilder.forTarget("dns:///" + (secure ? target.substring(TLS.length()) : target));
        channel = (secure ? builder.useTransportSecurity() : builder.usePlaintext())
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .intercept(MetadataUtils.newAttachHeadersInterceptor(headers(token)))
                .build();
    }

    private static Metadata headers(String token) {
        Metadata headers = new Metadata();
        if (token != null) {
            headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        }
        return headers;
    }

    private Predictions(Predictions other, Metadata headers) {
        this.target = other.target;
        this.channel = other.channel;
        this.headers = headers;
    }

    /**
     * Returns predictions on the same connection that choose between an alias' version and its candidate.
     *
     * @param requestKey requests with the same key are answered by the same version; null for none
     * @param arm {@code holder} or {@code candidate}; null if the key decides
     */
    public Predictions choosing(String requestKey, String arm) {
        Metadata chosen = new Metadata();
        put(chosen, "loupe-request-key", requestKey);
        put(chosen, "loupe-version", arm);
        return new Predictions(this, chosen);
    }

    private static void put(Metadata metadata, String name, String value) {
        if (value != null) {
            metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
        }
    }

    /** @param version number, alias, or empty for {@code production} */
    public ClassifyResponse classify(String model, String version, byte[] image) {
        ClassifyRequest request = ClassifyRequest.newBuilder()
                .setSelector(selector(model, version))
                .setImage(UnsafeByteOperations.unsafeWrap(image))
                .build();
        return call(stub -> stub.classify(request));
    }

    /** @param version number, alias, or empty for {@code production} */
    public DetectAnomalyResponse detectAnomaly(String model, String version, byte[] image, boolean heatmap) {
        DetectAnomalyRequest request = DetectAnomalyRequest.newBuilder()
                .setSelector(selector(model, version))
                .setImage(UnsafeByteOperations.unsafeWrap(image))
                .setHeatmap(heatmap)
                .build();
        return call(stub -> stub.detectAnomaly(request));
    }

    /** Whether the server accepts requests (ServerReady of the Open Inference Protocol). */
    public boolean isReady() {
        return call(GRPCInferenceServiceGrpc::newBlockingStub, stub -> stub.serverReady(
                        ServerReadyRequest.getDefaultInstance())
                .getReady());
    }

    private static ModelSelector selector(String model, String version) {
        return ModelSelector.newBuilder().setModel(model).setVersion(version).build();
    }

    private <T> T call(Function<InferenceServiceBlockingStub, T> method) {
        return call(InferenceServiceGrpc::newBlockingStub, method);
    }

    private <S extends AbstractBlockingStub<S>, T> T call(Function<Channel, S> stub, Function<S, T> method) {
        try {
            return Failsafe.with(retries)
                    .get(() -> method.apply(stub.apply(channel)
                            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                            .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)));
        } catch (StatusRuntimeException refused) {
            throw new PredictionException(target, refused.getStatus(), refused);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
