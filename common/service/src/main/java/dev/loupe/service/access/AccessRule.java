package dev.loupe.service.access;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an operation needs: a line of {@code access-rules.txt}.
 *
 * @param operation {@code GET /api/v1/projects/{project}}, or {@code grpc package.Service/Method}
 * @param role the role; null: the operation is open to everyone, or authenticates its callers itself
 * @param scope where the caller must have the role
 * @param references where the request names what it is about; only with {@link Scope#PROJECT}
 */
record AccessRule(String operation, Role role, Scope scope, List<Reference> references) {
    private static final int MIN_WORDS = 3;
    private static final Pattern REFERENCE =
            Pattern.compile("(?<kind>[a-z-]+):(\\{(?<path>\\w+)}|\\?(?<query>\\w+)|\\$(?<body>[\\w.]+))");

    /** Where a caller must have the role. */
    enum Scope {
        /** In some project, or everywhere: the operation is about no project. */
        ANY,
        /** Everywhere, in the tenant {@code default}: the operation is about what all tenants share. */
        SERVER,
        /** Everywhere: the operation is about what all projects of a tenant share. */
        TENANT,
        /** In the projects that the request names; everywhere if it names none. */
        PROJECT,
        /** In the projects that the request names; in some if it names none: the operation lists what is visible. */
        VISIBLE
    }

    /** A part of a request. */
    enum Part {
        PATH,
        QUERY,
        /** A field of the JSON or of the message. */
        BODY
    }

    /**
     * A place in the request that names a thing of a project.
     *
     * @param kind kind of thing, as {@link ProjectLookup} knows it
     * @param name parameter or field
     */
    record Reference(String kind, Part part, String name) {}

    AccessRule {
        references = List.copyOf(references);
        boolean isAboutProjects = scope == Scope.PROJECT || scope == Scope.VISIBLE;
        if (references.isEmpty() ? scope == Scope.PROJECT : !isAboutProjects) {
            throw new IllegalArgumentException(operation + ": expected references for the scope of projects only");
        }
    }

    boolean isOpen() {
        return role == null;
    }

    static AccessRule parse(String line) {
        List<String> words = Arrays.asList(line.strip().split("\\s+"));
        if (words.size() < MIN_WORDS) {
            throw new IllegalArgumentException(
                    "expected METHOD PATH open|ROLE any|server|tenant|[visible] KIND:WHERE…, got " + line);
        }
        String operation = words.get(0) + " " + words.get(1);
        if (words.get(2).equals("open")) {
            return new AccessRule(operation, null, Scope.ANY, List.of());
        }
        Role role = Role.valueOf(words.get(2).toUpperCase(Locale.ROOT));
        List<String> where = words.subList(MIN_WORDS, words.size());
        if (where.equals(List.of("any"))) {
            return new AccessRule(operation, role, Scope.ANY, List.of());
        }
        if (where.equals(List.of("server"))) {
            return new AccessRule(operation, role, Scope.SERVER, List.of());
        }
        if (where.equals(List.of("tenant"))) {
            return new AccessRule(operation, role, Scope.TENANT, List.of());
        }
        boolean isList = !where.isEmpty() && where.getFirst().equals("visible");
        List<Reference> references = new ArrayList<>();
        for (String word : isList ? where.subList(1, where.size()) : where) {
            references.add(reference(word));
        }
        return new AccessRule(operation, role, isList ? Scope.VISIBLE : Scope.PROJECT, references);
    }

    private static Reference reference(String word) {
        Matcher parsed = REFERENCE.matcher(word);
        if (!parsed.matches()) {
            throw new IllegalArgumentException("expected KIND:{path}, KIND:?query or KIND:$body, got " + word);
        }
        String kind = parsed.group("kind");
        if (parsed.group("path") != null) {
            return new Reference(kind, Part.PATH, parsed.group("path"));
        }
        return parsed.group("query") == null
                ? new Reference(kind, Part.BODY, parsed.group("body"))
                : new Reference(kind, Part.QUERY, parsed.group("query"));
    }
}
