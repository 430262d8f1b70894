package dev.loupe.testing;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Calls every operation of a service as every caller there is, and compares what happens with the service's access
 * rules. A filter of the service under test, after that of the access rules, must answer requests with the header
 * {@value #PROBE} with the status {@value #REACHED}: then nothing happens, whatever is allowed.
 */
public final class AccessMatrix {
    /** Header of all requests. */
    public static final String PROBE = "X-Access-Probe";
    /** Status of a request that is allowed. */
    public static final int REACHED = 299;

    private static final List<String> ROLES = List.of("VIEWER", "LABELLER", "ENGINEER", "APPROVER", "ADMIN");
    private static final Pattern REFERENCE = Pattern.compile("([a-z-]+):(\\{|\\?|\\$)(\\w+)}?");
    private static final Pattern PLACE = Pattern.compile("\\{(\\w+)}");

    /** What a token is for. */
    public enum Scope {
        /** All projects of the tenant that the requests are about. */
        EVERYWHERE,
        /** All projects of another tenant, {@code other}. */
        OTHER_TENANT,
        /** The project that the requests are about. */
        OWN,
        /** Another one. */
        OTHER
    }

    /** Makes a token. */
    public interface Tokens {
        String create(String role, Scope scope);
    }

    private final URI server;
    private final Map<String, List<String>> rules = new TreeMap<>();
    private final Map<String, String> things;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /**
     * @param rules text of {@code access-rules.txt}
     * @param things a thing of one project, or its tenant, for each kind that the rules name
     */
    public AccessMatrix(URI server, String rules, Map<String, String> things) {
        this.server = server;
        this.things = Map.copyOf(things);
        rules.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).forEach(line -> {
            String[] words = line.split(" ");
            this.rules.put(words[0] + " " + words[1], Arrays.asList(words).subList(2, words.length));
        });
    }

    /** Operations without a rule, and rules without an operation. */
    public List<String> unmatched(Stream<String> operations) {
        TreeSet<String> existing = operations.collect(Collectors.toCollection(TreeSet::new));
        List<String> unmatched = new ArrayList<>();
        existing.stream().filter(one -> !rules.containsKey(one)).forEach(one -> unmatched.add("no rule for " + one));
        rules.keySet().stream()
                .filter(one -> !existing.contains(one))
                .forEach(one -> unmatched.add("a rule without an operation: " + one));
        return unmatched;
    }

    /** The cells, {@code operation, caller}, that are not as the rules say; with both statuses. */
    public Map<String, String> deviations(List<RestOperation> operations, Tokens tokens)
            throws IOException, InterruptedException {
        Map<String, String> deviations = new LinkedHashMap<>();
        for (RestOperation operation : operations) {
            List<String> rule = rules.getOrDefault(operation.name(), List.of("ADMIN", "server"));
            boolean isOpen = rule.getFirst().equals("open");
            compare(deviations, operation, "no token", isOpen ? REACHED : 401, status(operation, rule, null));
        }
        for (String role : ROLES) {
            for (Scope scope : Scope.values()) {
                String token = tokens.create(role, scope);
                for (RestOperation operation : operations) {
                    List<String> rule = rules.getOrDefault(operation.name(), List.of("ADMIN", "server"));
                    int status = status(operation, rule, token);
                    compare(deviations, operation, role + " " + scope, expected(rule, role, scope), status);
                }
            }
        }
        return deviations;
    }

    /** The names of the operations on a thing of a project. */
    public Set<String> onThings(List<RestOperation> operations) {
        return operations.stream()
                .map(RestOperation::name)
                .filter(name -> rules.getOrDefault(name, List.of()).stream()
                        .anyMatch(word -> REFERENCE.matcher(word).matches()))
                .collect(Collectors.toSet());
    }

    /** The operations on a thing of a project that do not answer this caller as if it did not exist. */
    public Set<String> shown(List<RestOperation> operations, String token) throws IOException, InterruptedException {
        Set<String> shown = new TreeSet<>();
        Set<String> onThings = onThings(operations);
        for (RestOperation operation : operations) {
            if (onThings.contains(operation.name()) && status(operation, rules.get(operation.name()), token) != 404) {
                shown.add(operation.name());
            }
        }
        return shown;
    }

    private static void compare(
            Map<String, String> deviations, RestOperation operation, String caller, int expected, int status) {
        if (status != expected) {
            deviations.put(operation.name() + ", " + caller, "expected " + expected + ", got " + status);
        }
    }

    /** The status of a call by the rule, which has the form {@code ROLE WHERE…}. */
    public static int expected(List<String> rule, String role, Scope scope) {
        String needed = rule.getFirst().toUpperCase(Locale.ROOT);
        if (needed.equals("OPEN")) {
            return REACHED;
        }
        int byRole = ROLES.indexOf(role) >= ROLES.indexOf(needed) ? REACHED : 403;
        boolean isListOfAll = rule.subList(1, rule.size()).equals(List.of("visible"));
        boolean isOfAnyTenant =
                rule.get(1).equals("any") || rule.get(1).equals("tenant") && scope == Scope.OTHER_TENANT;
        if (scope == Scope.EVERYWHERE || isOfAnyTenant || isListOfAll) {
            return byRole;
        }
        if (rule.get(1).equals("server") || rule.get(1).equals("tenant")) {
            return 403;
        }
        if (rule.get(1).startsWith("tenant:")) {
            return scope == Scope.OTHER_TENANT ? 404 : 403;
        }
        return scope == Scope.OWN ? byRole : 404;
    }

    private int status(RestOperation operation, List<String> rule, String token)
            throws IOException, InterruptedException {
        Map<String, String> path = new LinkedHashMap<>();
        Map<String, String> query = new LinkedHashMap<>();
        Map<String, String> body = new LinkedHashMap<>();
        for (String where : rule.subList(1, rule.size())) {
            Matcher reference = REFERENCE.matcher(where);
            if (reference.matches()) {
                Map<String, String> part =
                        switch (reference.group(2)) {
                            case "{" -> path;
                            case "?" -> query;
                            default -> body;
                        };
                part.put(reference.group(3), things.get(reference.group(1)));
            }
        }
        String address = PLACE.matcher(operation.path()).replaceAll(place -> path.getOrDefault(place.group(1), "1"));
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        server.resolve(address + written(query, "?", "=", "&", "")))
                .header(PROBE, "1")
                .header("Content-Type", operation.consumes())
                .method(
                        operation.method(),
                        operation.method().matches("GET|DELETE")
                                ? BodyPublishers.noBody()
                                : BodyPublishers.ofString(
                                        body.isEmpty() ? "{}" : written(body, "{\"", "\":\"", "\",\"", "\"}")));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        HttpResponse<byte[]> response = http.send(request.build(), BodyHandlers.ofByteArray());
        if (response.statusCode() / 100 == 4
                && !new String(response.body(), StandardCharsets.UTF_8).contains("\"code\":")) {
            throw new AssertionError(operation + ": expected a problem document with a code, got "
                    + new String(response.body(), StandardCharsets.UTF_8));
        }
        return response.statusCode();
    }

    private static String written(
            Map<String, String> values, String before, String equals, String between, String after) {
        return values.isEmpty()
                ? ""
                : values.entrySet().stream()
                        .map(value -> value.getKey() + equals + value.getValue())
                        .collect(Collectors.joining(between, before, after));
    }
}
