package dev.loupe.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.loupe.client.http.ApiClient;
import dev.loupe.client.http.ApiException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.time.Duration;
import java.util.function.Supplier;
import javax.net.ssl.SSLHandshakeException;

/**
 * What the generated APIs of one service share: {@code new ProjectsApi(service)}. Calls go through {@link #call}, which
 * retries those that may succeed later: a lost connection, a busy server, something that is still on its way.
 *
 * <p>Thread-safe once it is made, although the generated class is not.
 */
public final class ServiceClient extends ApiClient {
    private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(2);
    private static final Duration UPLOAD_TIMEOUT = Duration.ofHours(1);
    private static final ObjectMapper MAPPER = createDefaultObjectMapper();

    private static final RetryPolicy<Object> RETRIES = RetryPolicy.builder()
            .handleIf(ServiceClient::isTransient)
            .withBackoff(Duration.ofMillis(100), Duration.ofSeconds(2))
            .withJitter(0.2)
            .withMaxAttempts(20)
            .withMaxDuration(Duration.ofSeconds(20))
            .build();
    private static final RetryPolicy<Object> CONNECT_RETRIES = RetryPolicy.builder()
            .handle(ConnectException.class)
            .withDelay(Duration.ofMillis(300))
            .withMaxAttempts(4)
            .build();

    private final HttpClient http;
    private final URI base;
    private final Supplier<String> token;

    /** @param token the token of each request; null from it: none */
    ServiceClient(HttpClient http, URI base, Supplier<String> token) {
        super(null, MAPPER, base.toString());
        this.http = http;
        this.base = base;
        this.token = token;
        setReadTimeout(ANSWER_TIMEOUT);
        setRequestInterceptor(this::authorize);
    }

    private void authorize(HttpRequest.Builder request) {
        String current = token.get();
        if (current != null) {
            request.header("Authorization", "Bearer " + current);
        }
    }

    @Override
    public HttpClient getHttpClient() {
        return http;
    }

    private static boolean isTransient(Throwable failure) {
        return failure instanceof ProblemException problem
                ? problem.retryable()
                : failure instanceof IOException
                        && !(failure instanceof ConnectException)
                        && !(failure instanceof SSLHandshakeException)
                        && !(failure instanceof JsonProcessingException);
    }

    /**
     * For APIs whose calls send this body in place of the one that they are given, and may take long.
     *
     * @param body must be readable more than once
     */
    public ServiceClient sending(BodyPublisher body) {
        ServiceClient copy = new ServiceClient(http, base, token);
        copy.setReadTimeout(UPLOAD_TIMEOUT);
        copy.setRequestInterceptor(request -> {
            authorize(request);
            request.method("POST", body);
        });
        return copy;
    }

    /** For APIs whose answers are read while they arrive, for as long as that takes. */
    public ServiceClient receiving(BodyReader reader) {
        ServiceClient copy = new ServiceClient(http, base, token);
        copy.setReadTimeout(null);
        copy.setResponseInterceptor(response -> {
            if (response.statusCode() / 100 == 2) {
                try {
                    reader.read(response.body());
                } catch (IOException lost) {
                    throw new UncheckedIOException(lost);
                }
            }
        });
        return copy;
    }

    /**
     * @throws ProblemException when the service refuses
     * @throws ClientException when it can't be reached
     * @throws UncheckedIOException of a {@link BodyReader}; not retried
     */
    public <T> T call(ApiCall<T> call) {
        try {
            return Failsafe.with(RETRIES, CONNECT_RETRIES).get(() -> attempt(call));
        } catch (FailsafeException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof JsonProcessingException unexpected) {
                throw new IllegalStateException(
                        base + ": the answer is not what the API document says: " + unexpected.getOriginalMessage(),
                        unexpected);
            }
            throw new ClientException(base.getScheme() + "://" + base.getAuthority() + ": " + reason(cause), cause);
        }
    }

    private static String reason(Throwable cause) {
        return switch (cause) {
            case ConnectException _ -> "nothing answers there: is it running (./loupe up), and is --server right?";
            case SSLHandshakeException e
            when e.getMessage().contains("PKIX path") ->
                "the authority of its certificate is unknown: name it with --ca (" + e.getMessage() + ")";
            case SSLHandshakeException e -> "no TLS connection, see --ca, --certificate and --key: " + e.getMessage();
            default -> cause.getMessage();
        };
    }

    private static <T> T attempt(ApiCall<T> call) throws Exception {
        try {
            return call.get();
        } catch (ApiException failed) {
            if (failed.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw problem(failed.getCode(), failed.getResponseBody());
        }
    }

    private static ProblemException problem(int status, String body) {
        try {
            if (MAPPER.readTree(body == null ? "" : body) instanceof ObjectNode problem
                    && problem.hasNonNull("detail")) {
                return new ProblemException(problem.put("status", status));
            }
        } catch (JsonProcessingException notJson) {
            // A gateway's page, perhaps: its status has to do.
        }
        return new ProblemException(MAPPER.createObjectNode()
                .put("status", status)
                .put("detail", "the server answered with status " + status)
                .put("retryable", status == 503));
    }

    /** The answer as a tree, whichever its type. */
    public JsonNode tree(ApiCall<?> call) {
        return MAPPER.valueToTree(call(call));
    }
}
