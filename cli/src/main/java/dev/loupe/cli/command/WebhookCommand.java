package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "webhook",
        description = "Sends each move of a project's aliases to a URL, signed.",
        mixinStandardHelpOptions = true)
public final class WebhookCommand implements Runnable {
    private static final String NAME_OR_ID = "its name or id";
    private static final int MAX_DELIVERIES = 100;

    @Spec
    private CommandSpec specification;

    /** Without a subcommand: names the subcommands. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                specification.commandLine(), "expected a command: get, set, test, deliveries or delete, and a PROJECT");
    }

    @Command(name = "get", description = "Shows the webhook, without its secret.", mixinStandardHelpOptions = true)
    void get(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project) {
        try (Connection connection = options.connect()) {
            print(options, project, connection.webhooks().get(project));
        }
    }

    @Command(name = "set", description = "Sets the webhook.", mixinStandardHelpOptions = true)
    void set(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Parameters(paramLabel = "URL", description = "http or https") String url,
            @Option(
                            names = "--secret-file",
                            paramLabel = "FILE",
                            required = true,
                            description = "file with the secret that signs, 16 to 200 characters")
                    Path secret) {
        try (Connection connection = options.connect()) {
            print(
                    options,
                    project,
                    connection
                            .webhooks()
                            .set(project, url, Files.readString(secret).strip()));
        } catch (IOException e) {
            throw new CommandException("--secret-file " + secret + ": can't be read: " + e.getMessage());
        }
    }

    @Command(name = "test", description = "Sends a test once, and shows how it went.", mixinStandardHelpOptions = true)
    void test(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project) {
        try (Connection connection = options.connect()) {
            JsonNode delivery = connection.webhooks().test(project);
            String state = delivery.path("state").asText();
            if (!state.equals("DELIVERED")) {
                throw new CommandException(
                        "the test is not delivered: " + delivery.path("error").asText());
            }
            options.output()
                    .item(
                            delivery,
                            "Delivered, status " + delivery.path("status").asInt() + ".");
        }
    }

    @Command(
            name = "deliveries",
            description = "Lists the last 100 deliveries, newest first.",
            mixinStandardHelpOptions = true)
    void deliveries(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project) {
        try (Connection connection = options.connect()) {
            options.output()
                    .list(
                            connection.webhooks().deliveries(project, MAX_DELIVERIES),
                            Column.whole("DELIVERY", "id"),
                            Column.of("STATE", "state"),
                            Column.of("ATTEMPTS", "attempts"),
                            Column.of("STATUS", "status"),
                            Column.of("ERROR", "error"),
                            Column.time("CREATED", "createdAt"));
        }
    }

    @Command(
            name = "delete",
            description = "Deletes the webhook, and what it has not sent yet.",
            mixinStandardHelpOptions = true)
    void delete(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project) {
        try (Connection connection = options.connect()) {
            connection.webhooks().delete(project);
            options.output().item(Json.object().put("deleted", true), "The webhook of '" + project + "' is deleted.");
        }
    }

    private static void print(ServerOptions options, String project, JsonNode webhook) {
        options.output()
                .item(
                        webhook,
                        "Moves of the aliases of '" + project + "' are sent to "
                                + webhook.path("url").asText()
                                + ", set by " + webhook.path("actor").asText() + " "
                                + Output.minute(webhook.path("changedAt")) + ".");
    }
}
