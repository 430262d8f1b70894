package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import dev.loupe.client.ClientException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "check",
        description = {
            "Calls every service over HTTP and gRPC, and prints the answer of each.",
            "Fails unless all of them answer."
        },
        mixinStandardHelpOptions = true)
public final class CheckCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            Map<String, Supplier<String>> questions = new LinkedHashMap<>();
            questions.put(
                    "dataset-service",
                    () -> Output.count(connection.datasets().projects().size(), "project"));
            questions.put(
                    "training-service",
                    () -> Output.count(connection.training().backbones().size(), "backbone"));
            questions.put(
                    "inference-service",
                    () -> Output.count(connection.models().models().size(), "model"));
            questions.put("predictions", () -> {
                if (!connection.predictions().isReady()) {
                    throw new CommandException("the server answers but is not ready");
                }
                return "ready";
            });
            ask(questions);
        }
    }

    /** Calls the others after a failure, too: which ones answer shows where to look. */
    private void ask(Map<String, Supplier<String>> questions) {
        List<String> silent = new ArrayList<>();
        List<JsonNode> answers = new ArrayList<>();
        questions.forEach((name, question) -> {
            ObjectNode row = Json.object().put("service", name);
            try {
                row.put("answer", question.get());
            } catch (CommandException | ClientException failed) {
                silent.add(name);
                row.put("error", failed.getMessage());
            }
            answers.add(row);
        });
        server.output()
                .list(
                        answers,
                        Column.of("SERVICE", "service"),
                        new Column(
                                "ANSWER",
                                row -> row.has("error")
                                        ? "FAILED: " + row.path("error").asText()
                                        : row.path("answer").asText()));
        if (!silent.isEmpty()) {
            throw new CommandException("calls failed: " + String.join(", ", silent));
        }
    }
}
