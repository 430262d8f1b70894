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
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractBlockingStub;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

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
    private final Supplier<String> token;
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

    /** As {@link #Predictions(String, String, ClientTls)} without a token. */
    Predictions(String target) {
        this(target, () -> null, ClientTls.DEFAULT);
    }

    /**
     * @param target {@code host:port}, or {@code https://host:port} for TLS
     * @param token the token of each request; null from it: none
     * @param tls certificates of TLS
     */
    Predictions(String target, Supplier<String> token, ClientTls tls) {
        this.target = target;
        this.headers = new Metadata();
        this.token = token;
        boolean secure = target.startsWith(TLS);
        channel = Grpc.newChannelBuilder(
                        "dns:///" + (secure ? target.substring(TLS.length()) : target),
                        secure ? tls.credentials() : InsecureChannelCredentials.create())
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .build();
    }

    private Predictions(Predictions other, Metadata headers) {
        this.target = other.target;
        this.channel = other.channel;
        this.token = other.token;
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
        return detectAnomaly(model, version, image, heatmap, "");
    }

    /**
     * @param version number, alias, or empty for {@code production}
     * @param product product that the image shows, empty if it is not known
     */
    public DetectAnomalyResponse detectAnomaly(
            String model, String version, byte[] image, boolean heatmap, String product) {
        DetectAnomalyRequest request = DetectAnomalyRequest.newBuilder()
                .setSelector(selector(model, version))
                .setImage(UnsafeByteOperations.unsafeWrap(image))
                .setHeatmap(heatmap)
                .setProduct(product)
                .build();
        return call(stub -> stub.detectAnomaly(request));
    }

    /** Whether the server accepts requests (ServerReady of the Open Inference Protocol). */
    public boolean isReady() {
        return call(GRPCInferenceServiceGrpc::newBlockingStub, stub -> stub.serverReady(
                        ServerReadyRequest.getDefaultInstance())
                .getReady());
    }

    private Metadata headers() {
        Metadata all = new Metadata();
        all.merge(headers);
        String current = token.get();
        put(all, "authorization", current == null ? null : "Bearer " + current);
        return all;
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
                            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers()))
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
