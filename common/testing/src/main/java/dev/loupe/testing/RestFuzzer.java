package dev.loupe.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Sends invalid requests to every operation in a service's OpenAPI document, and reports the responses that break the
 * rules: an error has a short problem document (RFC 9457) that names no class, and no input causes a server error
 * except 503 and 507. Uses plain sockets, because HTTP clients refuse to send the most invalid requests. Data that is
 * not HTTP at all is left out: the server closes such a connection.
 */
public final class RestFuzzer {
    private static final String LONG = "a".repeat(3_000);
    private static final List<String> METHODS = List.of("GET", "POST", "PUT", "PATCH", "DELETE");
    private static final List<String> VALUES = List.of(
            "x",
            LONG,
            "%00",
            "%zz",
            "%",
            "%ff",
            "..%2f..%2fetc",
            "%F0%9F%98%80",
            "'%20or%201=1--",
            "%0d%0aX:%20y",
            "-1",
            "0",
            "99999999999999999999",
            "1e9",
            "",
            "null",
            "NaN");
    private static final List<String> TYPES = List.of(
            "",
            "text/x-nothing",
            "garbage",
            "application/json; charset=nonsense",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=x",
            "application/json");
    private static final List<String> BODIES = List.of(
            "",
            "null",
            "[]",
            "1",
            "\"x\"",
            "{",
            "{}",
            "{\"" + LONG + "\":1}",
            "[".repeat(2_000),
            "{\"a\":".repeat(2_000),
            "\u00ff\u00fe",
            "1".repeat(2_000));
    private static final List<String> FIELD_VALUES = List.of(
            "\"" + LONG + "\"",
            "\"a\\u0000b\"",
            "1e400",
            "-1",
            "99999999999999999999",
            "[]",
            "{}",
            "null",
            "true",
            "\"\"",
            "\"x\"",
            "[null]",
            "{\"type\":\"x\"}");
    private static final List<String> HEADERS = List.of(
            "X-Loupe-Actor: " + LONG,
            "X-Loupe-Actor: \u00fc",
            "X-Loupe-Actor:",
            "Idempotency-Key: " + LONG,
            "If-Match: " + LONG,
            "If-Match: x",
            "Accept: text/x-nothing",
            "Accept: garbage",
            "Accept: " + LONG,
            "Range: bytes=9-1",
            "Last-Event-ID: x",
            "Authorization: x");
    private static final Pattern CLASS_NAME = Pattern.compile(
            "\\b[a-z]+(\\.[a-z]\\w*)+\\.[A-Z]\\w+|\\w+(Exception|Error)\\b|\\w+::\\w+|\\bat \\w+\\.\\w+\\(");
    private static final int MAX_BODY_LENGTH = 2_500;

    private final int port;
    private final List<Operation> operations;
    private final List<String> otherFields;

    /** @param fields JSON documents of one field each, with %s for its value */
    private record Operation(String method, String path, List<String> query, Set<String> fields) {}

    private record Request(String method, String target, List<String> headers, String body) {
        @Override
        public String toString() {
            String text = method + " " + target + " " + headers + " " + body;
            return text.length() < 300 ? text : text.substring(0, 200) + "…" + text.substring(text.length() - 60);
        }
    }

    private record Answer(int status, String head, String body) {}

    private RestFuzzer(int port, List<Operation> operations, List<String> otherFields) {
        this.port = port;
        this.operations = operations;
        this.otherFields = otherFields;
    }

    /**
     * Returns the REST surface of the service on this port of 127.0.0.1.
     *
     * @param openApi OpenAPI document of the service, as maps and lists
     */
    public static RestFuzzer of(int port, Map<String, ?> openApi) {
        List<Operation> operations = new ArrayList<>();
        map(openApi.get("paths")).forEach((path, methods) -> map(methods).forEach((method, operation) -> {
            List<String> query = new ArrayList<>();
            if (map(operation).get("parameters") instanceof List<?> parameters) {
                for (Object parameter : parameters) {
                    if ("query".equals(map(parameter).get("in"))) {
                        query.add(String.valueOf(map(parameter).get("name")));
                    }
                }
            }
            Set<String> fields = new TreeSet<>();
            map(map(map(operation).get("requestBody")).get("content"))
                    .values()
                    .forEach(content -> addFields(map(map(content).get("schema")), openApi, "%s", 3, fields));
            operations.add(new Operation(method.toUpperCase(Locale.ROOT), path, query, fields));
        }));
        Set<String> names = new TreeSet<>();
        map(map(openApi.get("components")).get("schemas"))
                .values()
                .forEach(schema ->
                        names.addAll(map(map(schema).get("properties")).keySet()));
        return new RestFuzzer(port, operations, List.copyOf(names));
    }

    /** @param document where a value of the schema goes, as %s */
    private static void addFields(
            Map<String, ?> schema, Map<String, ?> openApi, String document, int levels, Set<String> fields) {
        if (schema.get("$ref") instanceof String name) {
            Map<String, ?> schemas = map(map(openApi.get("components")).get("schemas"));
            addFields(map(schemas.get(name.substring(name.lastIndexOf('/') + 1))), openApi, document, levels, fields);
            return;
        }
        for (String choice : List.of("oneOf", "anyOf", "allOf")) {
            if (schema.get(choice) instanceof List<?> parts) {
                parts.forEach(part -> addFields(map(part), openApi, document, levels, fields));
            }
        }
        if (levels == 0) {
            return;
        }
        if (schema.containsKey("items")) {
            addFields(map(schema.get("items")), openApi, document.formatted("[%s]"), levels, fields);
        }
        map(schema.get("properties")).forEach((name, property) -> {
            String field = document.formatted("{\"" + name + "\":%s}");
            fields.add(field);
            addFields(map(property), openApi, field, levels - 1, fields);
        });
    }

    /** Sends all invalid requests; returns the responses that break the rules, each with its request. */
    public List<String> violations() {
        List<String> violations = new ArrayList<>();
        for (Request request : requests()) {
            Answer answer = send(request);
            String broken = check(request, answer);
            if (broken != null) {
                violations.add(broken + ": " + request + " -> " + answer.status() + " " + shortened(answer.body()));
            }
        }
        return violations;
    }

    private List<Request> requests() {
        List<Request> requests = new ArrayList<>();
        List.of("/", "/nowhere", "/%zz", "/api", "/api/v1", "/api/v1/nowhere", "//", "/../..")
                .forEach(path -> METHODS.forEach(method -> requests.add(new Request(method, path, List.of(), ""))));
        // One for each method, because the server waits half a second for the body before it closes the connection.
        operations.stream()
                .collect(Collectors.toMap(
                        Operation::method, operation -> filled(operation.path(), "x"), (first, _) -> first))
                .forEach((method, target) ->
                        requests.add(new Request(method, target, List.of("Content-Length: 99999999999"), null)));
        for (Operation operation : operations) {
            addPaths(operation, requests);
            String target = filled(operation.path(), "x");
            METHODS.forEach(method -> requests.add(new Request(method, target, List.of(), "")));
            requests.add(new Request("BREW", target, List.of(), ""));
            HEADERS.forEach(header -> requests.add(
                    new Request(operation.method(), target, List.of(header, "Content-Type: application/json"), "{}")));
            if (!operation.method().equals("GET") && !operation.method().equals("DELETE")) {
                addBodies(operation, target, requests);
            }
        }
        return requests;
    }

    private static void addPaths(Operation operation, List<Request> requests) {
        for (String value : VALUES) {
            // One value at a time: a URL that is too long would be rejected before anything else is checked.
            requests.add(new Request(
                    operation.method(), filled(operation.path().replaceFirst("\\{[^}]*}", value), "x"), List.of(), ""));
            requests.add(new Request(
                    operation.method(),
                    filled(operation.path().replaceFirst("\\{[^}]*}([^{}]*)$", value + "$1"), "x"),
                    List.of(),
                    ""));
            for (String parameter : operation.query()) {
                String target = filled(operation.path(), "x") + "?" + parameter + "=" + value;
                requests.add(new Request(operation.method(), target, List.of(), ""));
            }
        }
    }

    private void addBodies(Operation operation, String target, List<Request> requests) {
        for (String type : TYPES) {
            List<String> headers = type.isEmpty() ? List.of() : List.of("Content-Type: " + type);
            List.of("", "{}", "x")
                    .forEach(body -> requests.add(new Request(operation.method(), target, headers, body)));
        }
        List<String> json = List.of("Content-Type: application/json");
        BODIES.forEach(body -> requests.add(new Request(operation.method(), target, json, body)));
        for (String field : operation.fields()) {
            for (String value : FIELD_VALUES) {
                requests.add(new Request(operation.method(), target, json, field.formatted(value)));
            }
        }
        for (int i = 0; i < otherFields.size(); i++) {
            String body = "{\"" + otherFields.get(i) + "\":" + FIELD_VALUES.get(i % FIELD_VALUES.size()) + "}";
            requests.add(new Request(operation.method(), target, json, body));
        }
    }

    private static boolean isUri(String target) {
        try {
            return new URI(target).getPath() != null;
        } catch (URISyntaxException _) {
            return false;
        }
    }

    private static String filled(String path, String value) {
        return path.replaceAll("\\{[^}]*}", value);
    }

    private static String check(Request request, Answer answer) {
        if (answer.status() < 400) {
            return answer.status() == 0 ? "no answer" : null;
        }
        if (answer.status() == 400 && !isUri(request.target())) {
            return null; // the HTTP server rejects it before the service sees it, without a body
        }
        if (answer.status() >= 500 && answer.status() != 503 && answer.status() != 507) {
            return "an error of the server";
        }
        if (!isProblem(request, answer)
                || !answer.body().contains("\"status\":" + answer.status())
                || !answer.body().contains("\"code\":\"")
                || !answer.body().contains("\"detail\":\"")) {
            return "no problem document";
        }
        if (answer.body().length() > MAX_BODY_LENGTH) {
            return "a long answer";
        }
        return CLASS_NAME.matcher(answer.body()).find() ? "a class name" : null;
    }

    /** The Open Inference Protocol wants JSON with a field of its own; the fields of a problem are beside it. */
    private static boolean isProblem(Request request, Answer answer) {
        String head = answer.head().toLowerCase(Locale.ROOT);
        return head.contains("content-type: application/problem+json")
                || request.target().startsWith("/v2")
                        && head.contains("content-type: application/json")
                        && answer.body().startsWith("{\"error\":\"");
    }

    private static String shortened(String text) {
        return text.length() < 300 ? text : text.substring(0, 300) + "…";
    }

    private Answer send(Request request) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            StringBuilder head = new StringBuilder()
                    .append(request.method())
                    .append(' ')
                    .append(request.target())
                    .append(" HTTP/1.1\r\n")
                    .append("Host: 127.0.0.1:")
                    .append(port)
                    .append("\r\nConnection: close\r\n");
            request.headers().forEach(header -> head.append(header).append("\r\n"));
            byte[] body = request.body() == null ? new byte[0] : request.body().getBytes(StandardCharsets.ISO_8859_1);
            if (request.body() != null) {
                head.append("Content-Length: ").append(body.length).append("\r\n");
            }
            socket.getOutputStream().write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().write(body);
            socket.getOutputStream().flush();
            return read(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return new Answer(0, "", String.valueOf(e));
        }
    }

    private static Answer read(String text) {
        int end = text.indexOf("\r\n\r\n");
        return end < 0
                ? new Answer(0, "", text)
                : new Answer(Integer.parseInt(text.substring(9, 12)), text.substring(0, end), text.substring(end + 4));
    }

    private static Map<String, ?> map(Object value) {
        Map<String, Object> map = new java.util.LinkedHashMap<>();
        if (value instanceof Map<?, ?> entries) {
            entries.forEach((key, entry) -> map.put(String.valueOf(key), entry));
        }
        return map;
    }
}
