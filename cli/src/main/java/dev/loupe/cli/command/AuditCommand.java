package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.AuditLogs;
import dev.loupe.cli.server.AuditLogs.Query;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "audit", description = "Lists, exports and verifies who changed what.", mixinStandardHelpOptions = true)
public final class AuditCommand implements Runnable {
    private static final Pattern HEAD = Pattern.compile("(?<service>[a-z-]+)/(?<head>[0-9]{1,18}:[0-9a-f]{64})");

    @Spec
    private CommandSpec specification;

    /** Which entries are asked for. */
    static final class Filter {
        @Option(names = "--project", paramLabel = "PROJECT", description = "only changes in it, its name or id")
        private String project;

        @Option(names = "--by", paramLabel = "NAME", description = "only changes by this person or token: token:NAME")
        private String actor;

        @Option(names = "--action", paramLabel = "ACTION", description = "only actions that begin so: alias.")
        private String action;

        @Option(names = "--subject", paramLabel = "SUBJECT", description = "only subjects that begin so")
        private String subject;

        @Option(names = "--from", paramLabel = "TIME", description = "only changes since: 2026-11-20T10:00:00Z")
        private String from;

        @Option(names = "--to", paramLabel = "TIME", description = "only changes before this time")
        private String to;

        Query query() {
            return new Query(project, actor, action, subject, from, to);
        }
    }

    /** Without a subcommand: names the subcommands. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                specification.commandLine(), "expected a command: list, export or verify");
    }

    @Command(
            name = "list",
            description = "Lists changes in all services, the newest first.",
            mixinStandardHelpOptions = true)
    void list(
            @Mixin ServerOptions options,
            @Mixin Filter filter,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "50",
                            description = "at most so many, 1 to 1000 (default: ${DEFAULT-VALUE})")
                    int limit) {
        if (limit < 1 || limit > 1000) {
            throw new UsageException("--limit: expected 1 to 1000, got " + limit);
        }
        try (Connection connection = options.connect()) {
            options.output()
                    .list(
                            connection.auditLogs().list(filter.query(), limit),
                            Column.time("TIME", "at"),
                            Column.whole("ACTOR", "actor"),
                            Column.of("FOR", "onBehalfOf"),
                            Column.whole("ACTION", "action"),
                            Column.of("SUBJECT", "subject"),
                            new Column("CHANGE", AuditCommand::change));
        }
    }

    private static String change(JsonNode entry) {
        String detail = entry.path("detail").asText();
        if (!entry.has("before") && !entry.has("after")) {
            return detail;
        }
        String values = Output.text(entry.path("before")) + " -> " + Output.text(entry.path("after"));
        return detail.isEmpty() ? values.strip() : detail + ": " + values.strip();
    }

    @Command(
            name = "export",
            description = "Writes changes of all services as JSON lines, the oldest first in each service.",
            mixinStandardHelpOptions = true)
    void export(
            @Mixin ServerOptions options,
            @Mixin Filter filter,
            @Option(
                            names = "--file",
                            required = true,
                            paramLabel = "FILE",
                            description = "file to write; it must not exist")
                    Path file) {
        boolean complete = false;
        try (Connection connection = options.connect();
                OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)) {
            try {
                connection.auditLogs().export(filter.query(), body -> body.transferTo(out));
                complete = true;
            } finally {
                if (!complete) {
                    Files.delete(file);
                }
            }
        } catch (FileAlreadyExistsException e) {
            throw new CommandException(file + ": expected a file that does not exist", e);
        } catch (IOException | UncheckedIOException e) {
            throw new CommandException(file + ": the export is not complete: " + e.getMessage(), e);
        }
        options.output().item(Json.object().put("file", file.toString()), "The changes are in " + file + ".");
    }

    @Command(
            name = "verify",
            description = {
                "Verifies that no entry was changed, removed, inserted or moved since it was written.",
                "Ends with status 1 if one was."
            },
            mixinStandardHelpOptions = true)
    void verify(
            @Mixin ServerOptions options,
            @Option(
                            names = "--expect-head",
                            paramLabel = "SERVICE/SERIAL:HASH",
                            description = "a head that an earlier verification printed; the log must still have it")
                    List<String> expected) {
        try (Connection connection = options.connect()) {
            AuditLogs logs = connection.auditLogs();
            Map<String, JsonNode> results = logs.verify(heads(expected, logs.services()));
            ObjectNode all = Json.object();
            StringBuilder text = new StringBuilder();
            results.forEach((service, result) -> {
                all.set(service, result);
                describe(service, result, text);
            });
            options.output().item(all, text.toString().stripTrailing());
            if (results.values().stream()
                    .anyMatch(result -> !result.path("valid").asBoolean())) {
                throw new CommandException("the audit log is not what was written");
            }
        }
    }

    private static void describe(String service, JsonNode result, StringBuilder text) {
        text.append("%s: %s. Head: %s/%d:%s%n"
                .formatted(
                        service,
                        result.path("valid").asBoolean()
                                ? result.path("entries").asLong() + " entries, none was changed"
                                : Output.count(result.path("problemCount").asLong(), "problem"),
                        service,
                        result.at("/head/serial").asLong(),
                        result.at("/head/hash").asText()));
        result.path("problems").forEach(problem -> text.append("  ")
                .append(problem.path("message").asText())
                .append(System.lineSeparator()));
    }

    private static Map<String, String> heads(List<String> texts, List<String> services) {
        Map<String, String> heads = new HashMap<>();
        for (String text : texts == null ? List.<String>of() : texts) {
            Matcher parsed = HEAD.matcher(text);
            if (!parsed.matches() || !services.contains(parsed.group("service"))) {
                throw new UsageException("--expect-head: expected SERVICE/SERIAL:HASH with one of the services "
                        + String.join(", ", services) + ", got '" + text + "'");
            }
            if (heads.put(parsed.group("service"), parsed.group("head")) != null) {
                throw new UsageException(
                        "--expect-head: expected one head of each service, got two of " + parsed.group("service"));
            }
        }
        return heads;
    }
}
