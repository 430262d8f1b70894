package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Models;
import dev.loupe.client.ProblemException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "promote",
        description = {
            "Points an alias at a model version, which serves the requests to that alias from then on.",
            "It must meet the project's promotion policy, and not be worse than the version that the alias names.",
            "If the policy expects an approval, the promotion is requested."
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

    @Option(names = "--force", description = "promote although checks do not pass; requires --reason")
    private boolean force;

    @Option(names = "--reason", paramLabel = "TEXT", description = "kept in the history")
    private String reason;

    @Option(names = "--dry-run", description = "show the checks and their evidence; nothing is moved")
    private boolean dryRun;

    /** Promotes as the command does. */
    static void run(ServerOptions server, String project, int version, String alias, boolean force, String reason) {
        PromoteCommand command = new PromoteCommand();
        command.server = server;
        command.project = project;
        command.version = version;
        command.alias = alias;
        command.force = force;
        command.reason = reason;
        command.run();
    }

    @Override
    public void run() {
        if (force && (reason == null || reason.isBlank())) {
            throw new UsageException("--force needs --reason TEXT, which is kept in the alias's history");
        }
        try (Connection connection = server.connect()) {
            if (dryRun) {
                check(connection.models().dryRun(project, alias, version));
                return;
            }
            try {
                JsonNode moved = promote(connection);
                server.output().item(moved, sentence(project, moved));
            } catch (ProblemException refused) {
                if (!refused.code().equals(Models.APPROVAL_REQUIRED)) {
                    printChecks(refused.document().path("checks"));
                    throw refused;
                }
                request(connection.models());
            }
        }
    }

    /** Promotes; if that needs an evaluation and the user wants it, evaluates and promotes again. */
    private JsonNode promote(Connection connection) {
        try {
            return connection.models().promote(project, alias, version, force, reason);
        } catch (ProblemException refused) {
            if (!evaluate || !refused.code().equals(Models.NOT_COMPARABLE)) {
                throw refused;
            }
        }
        evaluateIncumbent(connection);
        return connection.models().promoteEvaluated(project, alias, version, reason);
    }

    private void check(JsonNode move) {
        String gate = move.path("gate").asText();
        server.output()
                .item(
                        move,
                        "Nothing is moved. '" + alias + "' of '" + project + "' would be version " + version
                                + ". Checks: " + gate);
        printChecks(move.path("checks"));
        if (!Set.of("PASSED", "NO_INCUMBENT").contains(gate)) {
            throw new CommandException("the checks of version " + version + " do not pass: " + gate);
        }
    }

    private void request(Models models) {
        JsonNode request = models.requestPromotion(project, alias, version, force, reason);
        int number = request.path("number").asInt();
        server.output()
                .item(
                        request,
                        "Version " + version + " for '" + alias + "' of '" + project
                                + "' waits for approval by another person: ./loupe promotions approve " + project + " "
                                + number);
    }

    private void printChecks(JsonNode checks) {
        if (checks.isEmpty() || server.output().isJson()) {
            return;
        }
        server.output()
                .list(
                        StreamSupport.stream(checks.spliterator(), false).toList(),
                        new Column("CHECK", check -> check.path("kind")
                                .asText()
                                .toLowerCase(Locale.ROOT)
                                .replace('_', ' ')),
                        Column.of("OF", "subject"),
                        Column.of("OUTCOME", "outcome"),
                        Column.of("EXPECTED", "expected"),
                        Column.of("FOUND", "found"),
                        Column.of("MISSING", "remedy"));
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
