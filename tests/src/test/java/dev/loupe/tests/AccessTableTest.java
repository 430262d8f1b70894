package dev.loupe.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** docs/reference/access.md is the access rules of the services; {@code -Dloupe.write=true} writes it. */
class AccessTableTest {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final Path PAGE = HOME.resolve("docs/reference/access.md");
    private static final List<String> ROLES = List.of("viewer", "labeller", "engineer", "approver", "admin");
    private static final List<String> SERVICES =
            List.of("dataset-service", "training-service/service", "inference-service");

    @Test
    void thePageHasTheRulesOfAllServices() throws IOException {
        StringBuilder page = new StringBuilder("""
                <!-- Written by AccessTableTest with -Dloupe.write=true; do not edit. -->
                # Roles of operations

                What each operation needs, by [role](../guides/security.md). *In its project*: a token for this project is enough. \
                *In all*: the token must be for all projects of its tenant. *In any*: every token with the role. \
                *Lists what is visible*: things of the projects that the token is for.

                """);
        for (String service : SERVICES) {
            page.append("## ").append(service.replace("/service", "")).append("\n\n| operation | ");
            page.append(String.join(" | ", ROLES)).append(" | |\n|---|").append("---|".repeat(ROLES.size() + 1));
            page.append('\n');
            rules(service).forEach((operation, rule) -> page.append(row(operation, rule)));
            page.append('\n');
        }
        String text = page.toString().stripTrailing() + "\n";
        if (Boolean.getBoolean("loupe.write")) {
            Files.writeString(PAGE, text);
        }
        assertEquals(
                text,
                Files.readString(PAGE),
                "expected the page of mvn test -pl tests -Dtest=AccessTableTest -Dloupe.write=true");
    }

    private static Map<String, List<String>> rules(String service) throws IOException {
        Map<String, List<String>> rules = new TreeMap<>();
        Path file = HOME.resolve(service).resolve("src/main/resources/access-rules.txt");
        for (String line : Files.readAllLines(file)) {
            List<String> words = List.of(line.split(" "));
            // Operations for trainers alone are not in the API document.
            if (!line.isBlank() && !line.startsWith("#") && !words.get(1).startsWith("/internal/")) {
                String operation = words.get(0).equals("grpc") ? words.get(1) : words.get(0) + " " + words.get(1);
                rules.put(operation, words.subList(2, words.size()));
            }
        }
        return rules;
    }

    private static String row(String operation, List<String> rule) {
        StringBuilder row = new StringBuilder("| `" + operation + "` |");
        boolean isOpen = rule.getFirst().equals("open");
        for (String role : ROLES) {
            boolean isEnough = isOpen || ROLES.indexOf(role) >= ROLES.indexOf(rule.getFirst());
            row.append(isEnough ? " yes |" : " – |");
        }
        String where = isOpen
                ? "without a token"
                : switch (rule.get(1)) {
                    case "any" -> "in any";
                    case "server" -> "in all of the tenant `default`";
                    case "tenant" -> "in all";
                    case "visible" -> "lists what is visible";
                    case "tenant:{tenant}" -> "in all of this tenant, or of `default`";
                    default -> "in its project";
                };
        return row.append(' ').append(where).append(" |\n").toString();
    }
}
