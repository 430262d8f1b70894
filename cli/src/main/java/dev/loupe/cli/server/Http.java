package dev.loupe.cli.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.failsafe.function.CheckedSupplier;
import dev.loupe.cli.CommandException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/**
 * JSON over HTTP as the services speak it. What may succeed later is tried again for a while: a lost connection, a busy
 * server, something that is still on its way. A POST carries an idempotency key, so that trying again does it once.
 *
 * <p>Thread-safe. All methods throw {@link ProblemException} when the service refuses and {@link CommandException} when
 * it can't be reached.
 */
public final class Http implements AutoCloseable {
    private static final Duration ANSWER_PATIENCE = Duration.ofMinutes(2);
    private static final Duration UPLOAD_PATIENCE = Duration.ofHours(1);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final RetryPolicy<Object> retries = RetryPolicy.builder()
            .handleIf(Http::mayPass)
            .withBackoff(Duration.ofMillis(100), Duration.ofSeconds(2))
            .withJitter(0.2)
            .withMaxAttempts(20)
            .withMaxDuration(Duration.ofSeconds(20))
            .build();
    private final RetryPolicy<Object> connectRetries = RetryPolicy.builder()
            .handle(ConnectException.class)
            .withDelay(Duration.ofMillis(300))
            .withMaxAttempts(4)
            .build();

    private static boolean mayPass(Throwable failure) {
        return failure instanceof ProblemException problem
                ? problem.retryable()
                : failure instanceof IOException && !(failure instanceof ConnectException);
    }

    /** The address with a path and query parameters; those whose value is null are left out. */
    public static URI address(URI base, String path, String... parameters) {
        StringBuilder address = new StringBuilder(base + path);
        char separator = '?';
        for (int i = 0; i < parameters.length; i += 2) {
            if (parameters[i + 1] != null) {
                address.append(separator).append(parameters[i]).append('=').append(encode(parameters[i + 1]));
                separator = '&';
            }
        }
        return URI.create(address.toString());
    }

    /** As a path segment or a parameter's value. */
    public static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    public JsonNode get(URI address) {
        return json(HttpRequest.newBuilder(address).timeout(ANSWER_PATIENCE));
    }

    /** All items of a keyset-paged list, at most {@code most}. */
    public List<JsonNode> items(URI address, int most) {
        List<JsonNode> items = new ArrayList<>();
        String cursor = null;
        do {
            String query = (address.getQuery() == null ? "?" : "&") + "limit=" + Math.min(100, most - items.size())
                    + (cursor == null ? "" : "&cursor=" + encode(cursor));
            JsonNode page = get(URI.create(address + query));
            page.path("items").forEach(items::add);
            cursor = page.path("nextCursor").asText(null);
        } while (cursor != null && items.size() < most);
        return items;
    }

    public JsonNode post(URI address, JsonNode body) {
        return json(HttpRequest.newBuilder(address)
                .timeout(ANSWER_PATIENCE)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(BodyPublishers.ofString(body.toString())));
    }

    public JsonNode put(URI address, JsonNode body) {
        return json(HttpRequest.newBuilder(address)
                .timeout(ANSWER_PATIENCE)
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(body.toString())));
    }

    public JsonNode patch(URI address, JsonNode body) {
        return json(HttpRequest.newBuilder(address)
                .timeout(ANSWER_PATIENCE)
                .header("Content-Type", "application/json")
                .method("PATCH", BodyPublishers.ofString(body.toString())));
    }

    public void delete(URI address) {
        json(HttpRequest.newBuilder(address).timeout(ANSWER_PATIENCE).DELETE());
    }

    /** @param body must be readable more than once, with the same bytes */
    public JsonNode upload(URI address, String contentType, BodyPublisher body) {
        return json(HttpRequest.newBuilder(address)
                .timeout(UPLOAD_PATIENCE)
                .header("Content-Type", contentType)
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(body));
    }

    public byte[] bytes(URI address) {
        return attempt(address, () -> {
            HttpResponse<byte[]> response = client.send(
                    HttpRequest.newBuilder(address).timeout(ANSWER_PATIENCE).build(), BodyHandlers.ofByteArray());
            refuseProblem(response.statusCode(), new String(response.body(), StandardCharsets.UTF_8));
            return response.body();
        });
    }

    /**
     * The answer as a file; one that is there is replaced.
     *
     * @return the sha256 of what came
     */
    public String download(URI address, Path file) {
        MessageDigest sha256 = sha256();
        try (InputStream body = new DigestInputStream(stream(address, "*/*"), sha256)) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.copy(body, file, StandardCopyOption.REPLACE_EXISTING);
            return HexFormat.of().formatHex(sha256.digest());
        } catch (IOException failed) {
            throw new CommandException(file + ": can't be written: " + failed.getMessage(), failed);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    /** An answer that goes on for as long as there is news. The caller closes it. */
    public InputStream stream(URI address, String accept) {
        return attempt(address, () -> {
            HttpResponse<InputStream> response = client.send(
                    HttpRequest.newBuilder(address).header("Accept", accept).build(), BodyHandlers.ofInputStream());
            if (response.statusCode() >= 400) {
                try (InputStream body = response.body()) {
                    refuseProblem(response.statusCode(), new String(body.readAllBytes(), StandardCharsets.UTF_8));
                }
            }
            return response.body();
        });
    }

    private JsonNode json(HttpRequest.Builder builder) {
        HttpRequest request = builder.header("Accept", "application/json, application/problem+json")
                .build();
        return attempt(request.uri(), () -> {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            refuseProblem(response.statusCode(), response.body());
            return response.body().isEmpty() ? Json.object() : Json.read(response.body());
        });
    }

    private <T> T attempt(URI address, CheckedSupplier<T> call) {
        try {
            return Failsafe.with(retries, connectRetries).get(call);
        } catch (FailsafeException failed) {
            if (failed.getCause() instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            String reason = failed.getCause() instanceof ConnectException
                    ? "nothing answers there: is it running (./loupe up), and is --server right?"
                    : failed.getCause().getMessage();
            throw new CommandException(
                    address.getScheme() + "://" + address.getAuthority() + ": " + reason, failed.getCause());
        }
    }

    private static void refuseProblem(int status, String body) {
        if (status < 400) {
            return;
        }
        try {
            if (Json.read(body) instanceof ObjectNode problem && problem.hasNonNull("detail")) {
                throw new ProblemException(problem.put("status", status));
            }
        } catch (JsonProcessingException notJson) {
            // A gateway's page, perhaps: its status has to do.
        }
        throw new ProblemException(Json.object()
                .put("status", status)
                .put("detail", "the server answered with status " + status)
                .put("retryable", status == 503));
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }
}
