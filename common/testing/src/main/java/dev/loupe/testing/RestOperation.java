package dev.loupe.testing;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An operation of a REST API, of the compiled classes of a service: those that the API document hides too.
 *
 * @param path template: {@code /api/v1/projects/{project}}
 * @param consumes media type of the body
 */
public record RestOperation(String method, String path, String consumes) {

    /** The name of the operation in the access rules. */
    public String name() {
        return method + " " + path;
    }

    /** The operations of all resources in folders of classes. */
    public static List<RestOperation> of(java.nio.file.Path... folders) throws IOException {
        List<RestOperation> operations = new ArrayList<>();
        for (java.nio.file.Path classes : folders) {
            operations.addAll(in(classes));
        }
        return operations;
    }

    private static List<RestOperation> in(java.nio.file.Path classes) throws IOException {
        List<RestOperation> operations = new ArrayList<>();
        try (Stream<java.nio.file.Path> files = Files.walk(classes)) {
            List<String> names = files.map(file -> classes.relativize(file).toString())
                    .filter(file -> file.endsWith("Resource.class"))
                    .map(file ->
                            file.substring(0, file.length() - ".class".length()).replace('/', '.'))
                    .sorted()
                    .toList();
            for (String name : names) {
                operations.addAll(ofClass(load(name)));
            }
        }
        return operations;
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, Thread.currentThread().getContextClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<RestOperation> ofClass(Class<?> resource) {
        List<RestOperation> operations = new ArrayList<>();
        for (Method method : resource.getDeclaredMethods()) {
            for (Annotation annotation : method.getAnnotations()) {
                HttpMethod verb = annotation.annotationType().getAnnotation(HttpMethod.class);
                if (verb != null) {
                    Path own = method.getAnnotation(Path.class);
                    String path = resource.getAnnotation(Path.class).value() + (own == null ? "" : own.value());
                    String consumes = Stream.of(method, resource)
                            .map(one -> one.getAnnotation(Consumes.class))
                            .flatMap(one -> Optional.ofNullable(one).stream())
                            .flatMap(one -> Arrays.stream(one.value()))
                            .findFirst()
                            .orElse("application/json");
                    operations.add(new RestOperation(
                            verb.value(), path.replaceAll("\\{([a-zA-Z0-9]+):[^}]*}", "{$1}"), consumes));
                }
            }
        }
        return operations;
    }
}
