package dev.loupe.trainer;

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

/** Stands where the service stands for a trainer: takes reports, and grants addresses of whatever is asked for. */
final class Desk implements AutoCloseable {
    final List<TrainerReport> reports = new CopyOnWriteArrayList<>();
    /** The {@code traceparent} of each request, report or not. */
    final List<String> traces = new CopyOnWriteArrayList<>();

    final AtomicInteger requestsForAddresses = new AtomicInteger();
    /** Answers to reports. */
    volatile int reportStatus = 204;
    /** From the report of this phase on, the attempt is over. */
    volatile String lastPhase = "";
    /** How long addresses are good for; what they can do is up to the server. */
    volatile Duration validity = Duration.ofMinutes(15);

    private final MinioObjectStore store;
    private final HttpServer server;
    private volatile boolean over;

    Desk(MinioObjectStore store) throws IOException {
        this.store = store;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/reports", this::report);
        server.createContext("/objects", this::objects);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void report(HttpExchange exchange) throws IOException {
        TrainerReport report = Json.MAPPER.readValue(exchange.getRequestBody(), TrainerReport.class);
        if (isKnown(exchange)) {
            reports.add(report);
            over |= report.phase().equals(lastPhase);
            answer(exchange, over ? 410 : reportStatus, null);
        }
    }

    private void objects(HttpExchange exchange) throws IOException {
        if (!isKnown(exchange)) {
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
                requestsForAddresses.incrementAndGet();
                List<String> addresses = new ArrayList<>();
                for (ObjectAccess.AccessRequest asked : Json.MAPPER
                        .readValue(exchange.getRequestBody(), ObjectAccess.Request.class)
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

    private boolean isKnown(HttpExchange exchange) throws IOException {
        if (exchange.getRequestHeaders().getFirst("traceparent") instanceof String trace) {
            traces.add(trace);
        }
        boolean known = "Bearer token".equals(exchange.getRequestHeaders().getFirst("Authorization"));
        if (!known) {
            answer(exchange, 401, null);
        }
        return known;
    }

    private static void answer(HttpExchange exchange, int status, Object document) throws IOException {
        byte[] body = document == null ? new byte[0] : Json.MAPPER.writeValueAsBytes(document);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
