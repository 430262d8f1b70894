package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Models;
import dev.loupe.client.ProblemException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "promote",
        description = {
            "Points an alias at a model version, which serves the requests to that alias from then on.",
            "A gate compares the version with the one that the alias names, and refuses a worse one."
        },
        mixinStandardHelpOptions = true)
public final class PromoteCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "PROJECT", description = "its name or id")
    private String project;

    @Parameters(paramLabel = "VERSION", description = "the number of a model version")
    private int version;

    @Option(
            names = "--alias",
            paramLabel = "NAME",
            defaultValue = "production",
            description = "(default: ${DEFAULT-VALUE})")
    private String alias;

    @Option(
            names = "--evaluate",
            description = {
                "if the version that the alias names was evaluated on other TEST images,",
                "evaluate it on those of VERSION first, and wait for that"
            })
    private boolean evaluate;

    @Option(names = "--force", description = "promote although the gate refuses; requires --reason")
    private boolean force;

    @Option(names = "--reason", paramLabel = "TEXT", description = "kept in the history")
    private String reason;

    @Override
    public void run() {
        if (force && (reason == null || reason.isBlank())) {
            throw new UsageException("--force needs --reason TEXT, which is kept in the alias's history");
        }
        try (Connection connection = server.connect()) {
            JsonNode moved;
            try {
                moved = connection.models().promote(project, alias, version, force, reason);
            } catch (ProblemException refused) {
                if (!evaluate || !refused.code().equals(Models.NOT_COMPARABLE)) {
                    throw refused;
                }
                evaluateIncumbent(connection);
                moved = connection.models().promoteEvaluated(project, alias, version, reason);
            }
            server.output().item(moved, sentence(project, moved));
        }
    }

    private void evaluateIncumbent(Connection connection) {
        Models models = connection.models();
        int incumbent =
                find(models.aliases(project), "alias", alias).path("version").asInt();
        int dataset = find(models.versions(project), "number", Integer.toString(version))
                .path("datasetVersion")
                .asInt();
        String id = connection
                .training()
                .requestEvaluation(project, incumbent, null, dataset, null)
                .path("id")
                .asText();
        System.err.println("Version " + incumbent + " is evaluated on dataset version " + dataset + ": " + id);
        JsonNode over;
        try (RunProgress progress = new RunProgress(System.err)) {
            over = connection.training().follow(id, progress);
        }
        if (!over.path("state").asText().equals("SUCCEEDED")) {
            throw new CommandException("evaluation " + id + " is "
                    + over.path("state").asText() + ": " + over.path("reason").asText());
        }
    }

    private static JsonNode find(List<JsonNode> items, String field, String value) {
        return items.stream()
                .filter(item -> item.path(field).asText().equals(value))
                .findFirst()
                .orElseThrow(() -> new CommandException("no " + field + " '" + value + "'"));
    }

    /** Describes where an alias points now and pointed before, and the result of the gate. */
    public static String sentence(String project, JsonNode moved) {
        return "'" + moved.path("alias").asText() + "' of '" + project + "' is version "
                + moved.path("version").asInt()
                + (moved.hasNonNull("previousVersion")
                        ? ", before it was " + moved.path("previousVersion").asInt()
                        : "")
                + " (generation " + moved.path("generation").asLong() + ").\n"
                + "Gate: " + moved.path("gate").asText()
                + (moved.hasNonNull("gateDetail")
                        ? ", " + moved.path("gateDetail").asText()
                        : "");
    }
}
