package dev.loupe.console;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/** A server in place of dataset-service and training-service. In place of inference-service there is a closed port. */
public final class StandInServices implements QuarkusTestResourceLifecycleManager {
    /** The API token that it accepts. */
    static final String TOKEN = "loupe_" + "a".repeat(43);
    /** Lets uploads to {@code /api/v1/projects/slow/images} be read. */
    static final CountDownLatch READING = new CountDownLatch(1);
    /** The stream of events noticed that its reader is gone. */
    static final CountDownLatch READER_GONE = new CountDownLatch(1);
    /** An upload ended before its body was complete. */
    static final CountDownLatch UPLOAD_CANCELLED = new CountDownLatch(1);

    private HttpServer server;

    @Override
    public Map<String, String> start() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/api/v1/projects/a/images", StandInServices::digest);
            server.createContext("/api/v1/projects/slow/images", StandInServices::slow);
            server.createContext("/api/v1/projects/full/images", StandInServices::refuse);
            server.createContext("/api/v1/projects/who", StandInServices::who);
            server.createContext("/api/v1/projects/headers", StandInServices::headers);
            server.createContext("/api/v1/caller", StandInServices::caller);
            server.createContext("/api/v1/projects/range", StandInServices::range);
            server.createContext("/api/v1/runs/1/events", StandInServices::events);
            server.createContext("/api/v1/runs/broken", HttpExchange::close);
            server.createContext("/q/health/ready", exchange -> answer(exchange, 200, "{}"));
            server.start();
            String address = "http://127.0.0.1:" + server.getAddress().getPort();
            return Map.of(
                    "loupe.console.dataset-service", address,
                    "loupe.console.training-service", address,
                    "loupe.console.inference-service", "http://127.0.0.1:" + closedPort());
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Override
    public void stop() {
        server.stop(0);
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void digest(HttpExchange exchange) throws IOException {
        try (DigestInputStream body = new DigestInputStream(exchange.getRequestBody(), sha256())) {
            body.transferTo(OutputStream.nullOutputStream());
            answer(
                    exchange,
                    200,
                    HexFormat.of().formatHex(body.getMessageDigest().digest()));
        } catch (IOException cancelled) {
            UPLOAD_CANCELLED.countDown();
            exchange.close();
        }
    }

    private static void slow(HttpExchange exchange) throws IOException {
        try {
            READING.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        digest(exchange);
    }

    private static void refuse(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", "application/problem+json");
        answer(exchange, 413, "{\"code\":\"IMAGE_TOO_LARGE\"}");
    }

    private static void who(HttpExchange exchange) throws IOException {
        answer(
                exchange,
                200,
                exchange.getRequestHeaders().getFirst("Host") + " "
                        + exchange.getRequestHeaders().getFirst("Origin"));
    }

    /** What a service gets of the headers that say who the caller is. */
    private static void headers(HttpExchange exchange) throws IOException {
        Headers got = exchange.getRequestHeaders();
        answer(
                exchange,
                200,
                "authorization=" + got.get("Authorization") + " actor=" + got.get("X-Loupe-Actor") + " cookie="
                        + got.get("Cookie"));
    }

    /** Accepts one API token, and the access tokens of every provider except those of mallory. */
    private static void caller(HttpExchange exchange) throws IOException {
        String token = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        String[] parts = token.split("\\.");
        boolean known = token.equals("Bearer " + TOKEN)
                || parts.length == 3
                        && !new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8)
                                .contains("mallory");
        answer(exchange, known ? 200 : 401, "{}");
    }

    private static void range(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().add("Content-Range", "bytes 2-4/10");
        answer(exchange, 206, exchange.getRequestHeaders().getFirst("Range"));
    }

    private static void events(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            for (int i = 0; i < 100_000; i++) {
                out.write(("event: run\ndata: " + i + "\n\n").getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        } catch (IOException gone) {
            READER_GONE.countDown();
        }
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        try (InputStream _ = exchange.getRequestBody();
                OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
