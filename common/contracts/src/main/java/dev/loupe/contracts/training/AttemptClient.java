package dev.loupe.contracts.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;

/** Requests of a trainer to training-service. Each method sends one request, without retries. Thread-safe. */
public final class AttemptClient implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final int OVER = 410;
    private static final int TOO_MANY_REQUESTS = 429;

    private final String url;
    private final ObjectMapper json;
    private final UnaryOperator<HttpRequest.Builder> headers;
    private final Duration timeout;
    private final HttpClient http;

    /** The service has rejected a request. */
    public static final class RejectedException extends IOException {
        private static final long serialVersionUID = 1L;

        private final int status;

        RejectedException(int status, String body) {
            super("the service answered " + status + " " + body);
            this.status = status;
        }

        /** Whether the attempt is over for the service: the trainer must end. */
        public boolean attemptIsOver() {
            return status == OVER;
        }

        /** Whether the same request may succeed later. */
        public boolean isRetryable() {
            return status >= 500 || status == TOO_MANY_REQUESTS;
        }
    }

    /**
     * @param spec spec of the attempt
     * @param json reads and writes the documents; it must know {@code java.time}
     * @param headers adds {@code Authorization}, with the token of the attempt, and {@code traceparent} to a request
     * @param timeout longest time of a request
     * @param tls certificates of TLS; null: those of the Java runtime
     */
    public AttemptClient(
            TrainerSpec spec,
            ObjectMapper json,
            UnaryOperator<HttpRequest.Builder> headers,
            Duration timeout,
            SSLContext tls) {
        this.url = spec.attemptUrl();
        this.json = json;
        this.headers = headers;
        this.timeout = timeout;
        HttpClient.Builder client = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT);
        this.http = (tls == null ? client : client.sslContext(tls)).build();
    }

    /**
     * Sends a report.
     *
     * @return whether the attempt is still in progress for the service; if not, the trainer must end
     */
    public boolean report(TrainerReport report) throws IOException, InterruptedException {
        try {
            send(post("/reports", report));
            return true;
        } catch (RejectedException e) {
            if (e.attemptIsOver()) {
                return false;
            }
            throw e;
        }
    }

    /** Requests presigned URLs. */
    public ObjectAccess.Grants grant(ObjectAccess.Request objects) throws IOException, InterruptedException {
        return json.readValue(send(post("/objects", objects)), ObjectAccess.Grants.class);
    }

    /** Lists the objects with a key prefix. */
    public ObjectAccess.Listing list(String bucket, String prefix) throws IOException, InterruptedException {
        byte[] body = send(request("/objects?bucket=" + encode(bucket) + "&prefix=" + encode(prefix)));
        return json.readValue(body, ObjectAccess.Listing.class);
    }

    /** Deletes a checkpoint's object. */
    public void delete(String bucket, String key) throws IOException, InterruptedException {
        send(request("/objects?bucket=" + encode(bucket) + "&key=" + encode(key))
                .DELETE());
    }

    private HttpRequest.Builder post(String path, Object document) throws IOException {
        return request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(json.writeValueAsBytes(document)));
    }

    private HttpRequest.Builder request(String path) {
        return headers.apply(HttpRequest.newBuilder(URI.create(url + path))).timeout(timeout);
    }

    private byte[] send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = http.send(request.build(), BodyHandlers.ofByteArray());
        if (response.statusCode() >= 300) {
            throw new RejectedException(response.statusCode(), new String(response.body(), StandardCharsets.UTF_8));
        }
        return response.body();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
