package dev.loupe.cli.command;

import dev.loupe.cli.CommandException;
import dev.loupe.cli.server.Connection;
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
            "Asks every service something, over HTTP and gRPC, and tells what each answered.",
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
                    "dataset-service", () -> connection.datasets().projects().size() + " projects");
            questions.put(
                    "training-service", () -> connection.training().backbones().size() + " backbones");
            questions.put(
                    "inference-service", () -> connection.models().models().size() + " models");
            questions.put("predictions", () -> {
                if (!connection.predictions().isReady()) {
                    throw new CommandException("answers, and is not ready");
                }
                return "ready";
            });
            ask(questions);
        }
    }

    /** Asks on after a failure: which ones answer tells where to look. */
    private static void ask(Map<String, Supplier<String>> questions) {
        List<String> silent = new ArrayList<>();
        questions.forEach((name, question) -> {
            String answer;
            try {
                answer = question.get();
            } catch (CommandException failed) {
                silent.add(name);
                answer = "FAILED: " + failed.getMessage();
            }
            System.out.printf("%-18s %s%n", name, answer);
        });
        if (!silent.isEmpty()) {
            throw new CommandException("no good answer from " + String.join(", ", silent));
        }
    }
}
