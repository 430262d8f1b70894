package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.RunRequest;
import dev.loupe.cli.server.Training;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.Recipe;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "train",
        description = "Starts a training run.",
        mixinStandardHelpOptions = true,
        modelTransformer = RecipeOptions.class)
public final class TrainCommand implements Callable<Integer> {
    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "PROJECT", description = "its name or id")
    private String project;

    @Option(names = "--dataset-version", paramLabel = "N", description = "(default: the newest)")
    private Integer datasetVersion;

    @Option(names = "--seed", paramLabel = "N", description = "of everything random")
    private Long seed;

    @Option(names = "--no-register", description = "measure only, make no model version")
    private boolean measureOnly;

    @Option(
            names = "--no-control",
            description = "train no control: a cheap model on a random network, to compare with")
    private boolean withoutControl;

    @Option(names = "--priority", paramLabel = "N", description = "-100..100: the larger, the sooner (default: 0)")
    private Integer priority;

    @Option(names = "--gpus", paramLabel = "N", description = "that the trainer asks for (default: the server's own)")
    private Integer gpus;

    @Option(
            names = "--no-label-check",
            description = "do not look for wrong labels, nor measure whether more images would help (classification)")
    private boolean noLabelCheck;

    @Option(
            names = "--wait",
            description = "show progress until it is over and its model is ready; the exit code tells how it ended")
    private boolean wait;

    @Option(
            names = "--recipe",
            paramLabel = "NAME",
            description = "./loupe recipes lists them (default: the first one for the project's task)")
    private String recipe;

    @Option(
            names = {"-P", "--parameter"},
            paramLabel = "NAME=VALUE",
            description = "of a recipe; ./loupe recipes NAME lists them")
    private Map<String, String> parameters = Map.of();

    @Spec
    private CommandSpec specification;

    @Override
    public Integer call() {
        try (Connection connection = server.connect()) {
            Task task = Task.valueOf(
                    connection.datasets().project(project).path("task").asText());
            Training training = connection.training();
            Map<String, String> given =
                    RecipeOptions.given(specification.commandLine().getParseResult());
            given.putAll(parameters);
            Recipe asked = RecipeOptions.recipe(training.recipes(), task, recipe, given);
            VersionsCommand.require(connection, project, datasetVersion);
            JsonNode run = training.start(new RunRequest(
                    project,
                    datasetVersion,
                    asked,
                    seed,
                    !measureOnly,
                    priority,
                    gpus,
                    !withoutControl,
                    noLabelCheck ? Boolean.FALSE : null));
            String id = run.path("id").asText();
            if (!wait) {
                server.output().item(run, "Run " + id + " is queued. Follow it: ./loupe logs " + id + " -f");
                return 0;
            }
            JsonNode over;
            try (RunProgress progress = new RunProgress(System.err)) {
                over = training.follow(id, progress);
            }
            boolean succeeded = over.path("state").asText().equals("SUCCEEDED");
            String said = sentence(over) + (succeeded ? notes(training.metrics(id, List.of("loss"))) : "");
            if (succeeded && !measureOnly) {
                int version = modelVersion(connection, id);
                ((ObjectNode) over).put("modelVersion", version);
                said += registered(version);
            }
            server.output().item(over, said);
            return succeeded ? 0 : 1;
        }
    }

    /** The version that the run made, once it answers: who was told that the run is over wants to promote it. */
    private int modelVersion(Connection connection, String run) {
        return connection.models().awaitReady(project, run).path("number").asInt();
    }

    private String registered(int version) {
        return "\nVersion " + version + " of '" + project + "' is ready. Serve it: ./loupe promote " + project + " "
                + version;
    }

    private static String notes(JsonNode history) {
        return ControlText.notes(history).stream().map(note -> "\n" + note).collect(Collectors.joining());
    }

    /** How a run ended. */
    static String sentence(JsonNode run) {
        String id = run.path("id").asText();
        return switch (run.path("state").asText()) {
            case "SUCCEEDED" ->
                "Run " + id + " succeeded after " + Output.text(run.path("trainSeconds")) + " s of training: "
                        + Output.metrics(run.path("metrics"))
                        + Stream.of(SelectionText.lines(run), ControlText.lines(run), ControlText.warnings(run))
                                .flatMap(List::stream)
                                .map(line -> "\n" + line)
                                .collect(Collectors.joining());
            case "CANCELLED" -> "Run " + id + " was cancelled.";
            default ->
                "Run " + id + " " + run.path("state").asText() + ": "
                        + run.path("reason").asText("no reason given") + "\nIts log: ./loupe logs " + id;
        };
    }
}
