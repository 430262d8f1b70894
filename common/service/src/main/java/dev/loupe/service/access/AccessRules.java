package dev.loupe.service.access;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The rules of a service's operations: the one table, {@code access-rules.txt}, of what each operation needs. */
@ApplicationScoped
class AccessRules {
    static final String FILE = "access-rules.txt";
    private static final String GRPC = "grpc ";

    private final Map<String, AccessRule> rules;

    AccessRules() {
        this(read());
    }

    AccessRules(String text) {
        Map<String, AccessRule> parsed = new LinkedHashMap<>();
        text.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).forEach(line -> {
            AccessRule rule = AccessRule.parse(line);
            if (parsed.put(rule.operation(), rule) != null) {
                throw new IllegalArgumentException("two rules for " + rule.operation());
            }
        });
        this.rules = parsed;
    }

    private static String read() {
        try (InputStream file = Thread.currentThread().getContextClassLoader().getResourceAsStream(FILE)) {
            return file == null ? "" : new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Map<String, AccessRule> all() {
        return rules;
    }

    Optional<AccessRule> of(Method resource) {
        return Optional.ofNullable(rules.get(operation(resource)));
    }

    /** @param method full name of a gRPC method */
    Optional<AccessRule> ofGrpc(String method) {
        return Optional.ofNullable(rules.get(GRPC + method));
    }

    /** The operation of a method of a resource: {@code GET /api/v1/projects/{project}}. */
    static String operation(Method resource) {
        String verb = Arrays.stream(resource.getAnnotations())
                .map(Annotation::annotationType)
                .map(type -> type.getAnnotation(HttpMethod.class))
                .filter(method -> method != null)
                .map(HttpMethod::value)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no HTTP method: " + resource));
        String path =
                path(resource.getDeclaringClass().getAnnotation(Path.class)) + path(resource.getAnnotation(Path.class));
        return verb + " " + path.replaceAll("\\{\\s*(\\w+)\\s*:[^}]*}", "{$1}");
    }

    private static String path(Path path) {
        if (path == null || path.value().isEmpty() || path.value().equals("/")) {
            return "";
        }
        return (path.value().startsWith("/") ? "" : "/") + path.value().replaceAll("/$", "");
    }
}
