package dev.loupe.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.client.BodyReader;
import dev.loupe.client.LoupeClient;
import dev.loupe.client.ProblemException;
import dev.loupe.client.ServiceClient;
import dev.loupe.client.http.ApiException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The audit logs of the three services, over HTTP. Thread-safe. */
public final class AuditLogs {
    /** What a service answers that does not know the project yet. */
    private static final Set<String> UNKNOWN_PROJECT = Set.of("PROJECT_NOT_FOUND", "MODEL_NOT_FOUND");

    private final List<Log> logs;

    /**
     * Which entries are asked for; null: any.
     *
     * @param project its name or id
     * @param action what the action begins with
     * @param subject what the subject begins with
     * @param from time of the first entries
     * @param to time after the last entries
     */
    public record Query(String project, String actor, String action, String subject, String from, String to) {}

    /** The log of one service: the generated clients have the same operations, and share no type. */
    private record Log(String service, ServiceClient client, Listing list, Export export, Verification verify) {}

    private interface Listing {
        Object call(Query query, String cursor, int limit) throws ApiException;
    }

    private interface Export {
        Object call(ServiceClient client, Query query) throws ApiException;
    }

    private interface Verification {
        Object call(String expectedHead) throws ApiException;
    }

    AuditLogs(LoupeClient client) {
        this.logs = List.of(datasets(client.dataset()), training(client.training()), inference(client.inference()));
    }

    private static Log datasets(ServiceClient client) {
        String name = "dataset-service";
        var api = new dev.loupe.client.dataset.AuditApi(client);
        return new Log(
                name,
                client,
                (q, cursor, limit) ->
                        api.listAudit(name, q.action, q.actor, cursor, q.from, limit, q.project, q.subject, q.to),
                (reading, q) -> new dev.loupe.client.dataset.AuditApi(reading)
                        .exportAudit(name, q.action, q.actor, q.from, q.project, q.subject, q.to),
                head -> api.verifyAudit(name, head));
    }

    private static Log training(ServiceClient client) {
        String name = "training-service";
        var api = new dev.loupe.client.training.AuditApi(client);
        return new Log(
                name,
                client,
                (q, cursor, limit) ->
                        api.listAudit(name, q.action, q.actor, cursor, q.from, limit, q.project, q.subject, q.to),
                (reading, q) -> new dev.loupe.client.training.AuditApi(reading)
                        .exportAudit(name, q.action, q.actor, q.from, q.project, q.subject, q.to),
                head -> api.verifyAudit(name, head));
    }

    private static Log inference(ServiceClient client) {
        String name = "inference-service";
        var api = new dev.loupe.client.inference.AuditApi(client);
        return new Log(
                name,
                client,
                (q, cursor, limit) ->
                        api.listAudit(name, q.action, q.actor, cursor, q.from, limit, q.project, q.subject, q.to),
                (reading, q) -> new dev.loupe.client.inference.AuditApi(reading)
                        .exportAudit(name, q.action, q.actor, q.from, q.project, q.subject, q.to),
                head -> api.verifyAudit(name, head));
    }

    /** The names of the services, in the order of all results. */
    public List<String> services() {
        return logs.stream().map(Log::service).toList();
    }

    /** The newest entries of all services, newest first, at most so many; each with its {@code service}. */
    public List<JsonNode> list(Query query, int most) {
        List<Deque<JsonNode>> rest = new ArrayList<>();
        for (Log log : logs) {
            Deque<JsonNode> entries = new ArrayDeque<>();
            ofKnownProject(log, query, () -> Pages.items(
                            log.client, most, (cursor, limit) -> log.list.call(query, cursor, limit))
                    .forEach(entry -> entries.add(named(log, entry))));
            rest.add(entries);
        }
        return merged(rest, most);
    }

    /**
     * The newest of the first entries, again and again: the entries of a service stay in the order of their places, which
     * need not be that of their times.
     */
    private static List<JsonNode> merged(List<Deque<JsonNode>> rest, int most) {
        List<JsonNode> merged = new ArrayList<>();
        while (merged.size() < most) {
            rest.removeIf(Deque::isEmpty);
            if (rest.isEmpty()) {
                break;
            }
            merged.add(Collections.max(
                            rest,
                            Comparator.comparing(entries ->
                                    Instant.parse(entries.getFirst().path("at").asText())))
                    .removeFirst());
        }
        return merged;
    }

    private static ObjectNode named(Log log, JsonNode entry) {
        ObjectNode named = Json.object().put("service", log.service);
        entry.properties().forEach(field -> named.set(field.getKey(), field.getValue()));
        return named;
    }

    /** Reads the log of each service as JSON lines, the oldest entry first. */
    public void export(Query query, BodyReader reader) {
        for (Log log : logs) {
            ofKnownProject(
                    log, query, () -> log.client.call(() -> log.export.call(log.client.receiving(reader), query)));
        }
    }

    /**
     * Verifies the log of each service.
     *
     * @param expectedHeads head that a service must still have, {@code SERIAL:HASH}, by the name of the service
     * @return the result of each service, by its name
     */
    public Map<String, JsonNode> verify(Map<String, String> expectedHeads) {
        Map<String, JsonNode> results = new LinkedHashMap<>();
        for (Log log : logs) {
            results.put(log.service, log.client.tree(() -> log.verify.call(expectedHeads.get(log.service))));
        }
        return results;
    }

    /** A service that has heard nothing of a project yet has no changes of it; dataset-service knows each one. */
    private void ofKnownProject(Log log, Query query, Runnable reading) {
        try {
            reading.run();
        } catch (ProblemException refused) {
            boolean unknown = refused.code() != null && UNKNOWN_PROJECT.contains(refused.code());
            if (query.project == null || !unknown || log.equals(logs.getFirst())) {
                throw refused;
            }
        }
    }
}
