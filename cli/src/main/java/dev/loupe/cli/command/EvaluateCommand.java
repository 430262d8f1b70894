package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Training;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "evaluate",
        description = {
            "Evaluates a model version on the TEST images of any dataset version, so that it can be compared with others.",
            "If such an evaluation exists or waits, no other is made."
        },
        mixinStandardHelpOptions = true)
final class EvaluateCommand implements Callable<Integer> {
    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "PROJECT", description = "its name or id")
    private String project;

    @Parameters(paramLabel = "VERSION", description = "the number of a model version")
    private int version;

    @Option(names = "--on", paramLabel = "N", required = true, description = "the number of a dataset version")
    private int datasetVersion;

    @Option(
            names = "--dataset-project",
            paramLabel = "PROJECT",
            description = "of the dataset version (default: that of the model)")
    private String datasetProject;

    @Option(names = "--priority", paramLabel = "N", description = "-100..100: the larger, the sooner (default: 10)")
    private Integer priority;

    @Option(
            names = "--wait",
            description = "show progress until it is over, then the figures; the exit code tells how it ended")
    private boolean wait;

    @Override
    public Integer call() {
        try (Connection connection = server.connect()) {
            Training training = connection.training();
            JsonNode asked = training.requestEvaluation(project, version, datasetProject, datasetVersion, priority);
            String id = asked.path("id").asText();
            if (!wait) {
                server.output()
                        .item(asked, EvaluationsCommand.sentence(asked) + "\nShow it: ./loupe evaluations show " + id);
                return 0;
            }
            if (!Training.isFinal(asked)) {
                try (RunProgress progress = new RunProgress(System.err)) {
                    training.follow(id, progress);
                }
            }
            JsonNode over = training.evaluationDetails(id);
            EvaluationsCommand.print(server.output(), over);
            return over.path("state").asText().equals("SUCCEEDED") ? 0 : 1;
        }
    }
}
