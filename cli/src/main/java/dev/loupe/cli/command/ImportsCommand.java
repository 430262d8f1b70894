package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The imports of a project. */
@Command(name = "imports", description = "Lists imports, shows one, or cancels one.", mixinStandardHelpOptions = true)
public final class ImportsCommand {
    private static final String NAME_OR_ID = "its name or id";

    @Command(name = "list", description = "Lists imports, the newest first.", mixinStandardHelpOptions = true)
    void list(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "50",
                            description = "the newest N (default: ${DEFAULT-VALUE})")
                    int limit) {
        if (limit < 1) {
            throw new UsageException("--limit: expected 1 or more, got " + limit);
        }
        try (Connection connection = options.connect()) {
            options.output()
                    .list(
                            connection.datasets().imports(project, limit),
                            Column.whole("IMPORT", "id"),
                            Column.of("STATE", "state"),
                            Column.of("DONE", "progress/done"),
                            Column.of("OF", "progress/total"),
                            Column.of("ADDED", "report/added"),
                            Column.of("REFUSED", "report/refused"),
                            Column.of("REASON", "reason/code"),
                            Column.time("CREATED", "createdAt"));
        }
    }

    @Command(
            name = "show",
            description = "Shows the state of an import, and what it did.",
            mixinStandardHelpOptions = true)
    void show(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Parameters(paramLabel = "IMPORT", description = "its id") String id) {
        try (Connection connection = options.connect()) {
            ObjectNode status = (ObjectNode) connection.datasets().importStatus(project, id);
            ImportCommand.show(options.output(), connection.datasets(), project, status);
        }
    }

    @Command(
            name = "cancel",
            description = "Cancels an import; nothing of it is added.",
            mixinStandardHelpOptions = true)
    void cancel(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Parameters(paramLabel = "IMPORT", description = "its id") String id) {
        try (Connection connection = options.connect()) {
            options.output().item(connection.datasets().cancelImport(project, id), "Import " + id + " is cancelled.");
        }
    }
}
