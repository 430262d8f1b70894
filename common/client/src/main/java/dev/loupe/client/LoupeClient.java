package dev.loupe.client;

import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.function.Supplier;

/** Client of a running Loupe. Thread-safe; it connects with the first call. */
public final class LoupeClient implements AutoCloseable {
    private final HttpClient http;
    private final ServiceClient dataset;
    private final ServiceClient training;
    private final ServiceClient inference;
    private final String grpc;
    private final Supplier<String> token;
    private final ClientTls tls;
    // Created when first used: most callers do not use gRPC, and starting it takes time.
    private Predictions predictions;

    /**
     * @param dataset base address of dataset-service, without a slash at its end
     * @param training base address of training-service
     * @param inference base address of inference-service
     * @param grpc {@code host:port} of inference-service's gRPC server, or {@code https://host:port} for TLS
     */
    public LoupeClient(URI dataset, URI training, URI inference, String grpc) {
        this(dataset, training, inference, grpc, null);
    }

    /**
     * As {@link #LoupeClient(URI, URI, URI, String)}, with an API token.
     *
     * @param token API token of the caller, null: none
     */
    public LoupeClient(URI dataset, URI training, URI inference, String grpc, String token) {
        this(dataset, training, inference, grpc, () -> token, ClientTls.DEFAULT);
    }

    /**
     * As {@link #LoupeClient(URI, URI, URI, String, String)}, with certificates.
     *
     * @param token is asked for the token of each request, by several threads; null from it: none
     * @param tls certificates of connections to HTTPS addresses
     */
    public LoupeClient(URI dataset, URI training, URI inference, String grpc, Supplier<String> token, ClientTls tls) {
        this.tls = tls;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .sslContext(tls.context())
                .build();
        this.dataset = new ServiceClient(http, dataset, token);
        this.training = new ServiceClient(http, training, token);
        this.inference = new ServiceClient(http, inference, token);
        this.grpc = grpc;
        this.token = token;
    }

    public ServiceClient dataset() {
        return dataset;
    }

    public ServiceClient training() {
        return training;
    }

    public ServiceClient inference() {
        return inference;
    }

    public synchronized Predictions predictions() {
        if (predictions == null) {
            predictions = new Predictions(grpc, token, tls);
        }
        return predictions;
    }

    @Override
    public synchronized void close() {
        if (predictions != null) {
            predictions.close();
        }
        http.shutdownNow();
        http.close();
    }
}
