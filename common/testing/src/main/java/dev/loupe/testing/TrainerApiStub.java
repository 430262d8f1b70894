package dev.loupe.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.loupe.contracts.training.ObjectAccess;
import dev.loupe.contracts.training.ObjectAccess.Grants;
import dev.loupe.contracts.training.ObjectAccess.Item;
import dev.loupe.contracts.training.ObjectAccess.Listing;
import dev.loupe.contracts.training.TrainerReport;
import dev.loupe.storage.MinioObjectStore;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectSigner.Access;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands in for the API of training-service that trainers call: records reports, and grants presigned URLs of any
 * object. The token of every attempt is {@value #TOKEN}.
 */
public final class TrainerApiStub implements AutoCloseable {
    /** The token that authenticates trainers. */
    public static final String TOKEN = "token";

    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    private final List<TrainerReport> reports = new CopyOnWriteArrayList<>();
    private final List<String> traces = new CopyOnWriteArrayList<>();
    private final AtomicInteger grantRequests = new AtomicInteger();
    private final AtomicInteger unauthenticated = new AtomicInteger();
    private final MinioObjectStore store;
    private final HttpServer server;
    private volatile int reportStatus = 204;
    private volatile String lastPhase = "";
    private volatile Duration validity = Duration.ofMinutes(15);
    private volatile boolean over;

    public TrainerApiStub(MinioObjectStore store) throws IOException {
        this.store = store;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/reports", this::report);
        server.createContext("/objects", this::objects);
        server.start();
    }

    /** The reports, in the order in which they arrived. */
    public List<TrainerReport> reports() {
        return reports;
    }

    /** The {@code traceparent} of each request that has one. */
    public List<String> traces() {
        return traces;
    }

    /** Number of requests for presigned URLs. */
    public int grantRequests() {
        return grantRequests.get();
    }

    /** Number of requests without the token. */
    public int unauthenticated() {
        return unauthenticated.get();
    }

    /** Status of the answers to reports; 204 if not set. */
    public void answerReportsWith(int status) {
        reportStatus = status;
    }

    /** Ends the attempt with the first report of this phase. */
    public void endAttemptAt(String phase) {
        lastPhase = phase;
    }

    /** Ends the attempt now: all further requests are answered 410. */
    public void endAttempt() {
        over = true;
    }

    /** Sets how long presigned URLs are valid; the answers state 15 minutes in any case. */
    public void signFor(Duration time) {
        validity = time;
    }

    /** The URL of an attempt, for {@code TrainerSpec.attemptUrl}. */
    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void report(HttpExchange exchange) throws IOException {
        TrainerReport report = JSON.readValue(exchange.getRequestBody(), TrainerReport.class);
        if (isAuthenticated(exchange)) {
            reports.add(report);
            over |= report.phase().equals(lastPhase);
            answer(exchange, over ? 410 : reportStatus, null);
        }
    }

    private void objects(HttpExchange exchange) throws IOException {
        if (!isAuthenticated(exchange)) {
            return;
        }
        if (over) {
            answer(exchange, 410, null);
            return;
        }
        Map<String, String> query = new HashMap<>();
        if (exchange.getRequestURI().getRawQuery() != null) {
            for (String pair : exchange.getRequestURI().getRawQuery().split("&")) {
                String[] parts = pair.split("=", 2);
                query.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
            }
        }
        switch (exchange.getRequestMethod()) {
            case "POST" -> {
                grantRequests.incrementAndGet();
                List<String> addresses = new ArrayList<>();
                for (ObjectAccess.AccessRequest asked : JSON.readValue(
                                exchange.getRequestBody(), ObjectAccess.Request.class)
                        .objects()) {
                    Access access = Access.valueOf(asked.access().name());
                    addresses.add(store.sign(access, new ObjectLocation(asked.bucket(), asked.key()), validity)
                            .toString());
                }
                answer(exchange, 200, new Grants(addresses, Instant.now().plus(Duration.ofMinutes(15))));
            }
            case "GET" ->
                answer(
                        exchange,
                        200,
                        new Listing(store.list(query.get("bucket"), query.get("prefix")).stream()
                                .map(object -> new Item(object.location().key(), object.size(), object.modifiedAt()))
                                .toList()));
            default -> {
                store.delete(new ObjectLocation(query.get("bucket"), query.get("key")));
                answer(exchange, 204, null);
            }
        }
    }

    private boolean isAuthenticated(HttpExchange exchange) throws IOException {
        if (exchange.getRequestHeaders().getFirst("traceparent") instanceof String trace) {
            traces.add(trace);
        }
        boolean known = ("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"));
        if (!known) {
            unauthenticated.incrementAndGet();
            answer(exchange, 401, null);
        }
        return known;
    }

    private static void answer(HttpExchange exchange, int status, Object document) throws IOException {
        byte[] body = document == null ? new byte[0] : JSON.writeValueAsBytes(document);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
