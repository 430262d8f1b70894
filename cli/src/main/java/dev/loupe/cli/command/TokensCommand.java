package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import dev.loupe.client.dataset.model.NewToken;
import dev.loupe.client.dataset.model.Role;
import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "tokens", description = "Creates, lists and revokes API tokens.", mixinStandardHelpOptions = true)
public final class TokensCommand implements Runnable {
    @Spec
    private CommandSpec specification;

    /** Without a subcommand: names the subcommands. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                specification.commandLine(), "expected a command: create, list or revoke");
    }

    @Command(name = "create", description = "Creates an API token, and shows it once.", mixinStandardHelpOptions = true)
    void create(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "NAME", description = "lower-case letters, digits, '.', '_' and '-'") String name,
            @Option(
                            names = "--role",
                            required = true,
                            paramLabel = "ROLE",
                            description = "viewer, labeller, engineer, approver or admin")
                    String role,
            @Option(
                            names = "--project",
                            paramLabel = "PROJECT",
                            description = "the only project that it is for, its name or id (default: all)")
                    String project,
            @Option(
                            names = "--tenant",
                            paramLabel = "TENANT",
                            description = "tenant whose projects it is for, if it is another one than yours")
                    String tenant,
            @Option(names = "--days", paramLabel = "N", description = "days until it expires (default: 90)")
                    Integer days) {
        NewToken token = new NewToken()
                .name(name)
                .role(role(role))
                .project(project)
                .tenant(tenant)
                .expiresInDays(days);
        try (Connection connection = options.connect()) {
            JsonNode created = connection.tokens().create(token);
            options.output()
                    .item(
                            created,
                            created.path("token").asText() + "\nThis is the API token '" + name
                                    + "'. It is not shown again, and expires "
                                    + Output.minute(created.path("expiresAt")) + ".");
        }
    }

    static Role role(String word) {
        return Arrays.stream(Role.values())
                .filter(role -> role.getValue().equals(word.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new UsageException(
                        "--role: expected viewer, labeller, engineer, approver or admin, got '" + word + "'"));
    }

    @Command(
            name = "list",
            description = "Lists API tokens, newest first, never the tokens themselves.",
            mixinStandardHelpOptions = true)
    void list(
            @Mixin ServerOptions options,
            @Option(
                            names = "--project",
                            paramLabel = "PROJECT",
                            description = "only those for this project alone, its name or id")
                    String project,
            @Option(names = "--tenant", paramLabel = "TENANT", description = "those of this tenant instead of yours")
                    String tenant) {
        try (Connection connection = options.connect()) {
            options.output()
                    .list(
                            connection.tokens().list(project, tenant),
                            Column.whole("NAME", "name"),
                            Column.of("ROLE", "role"),
                            Column.whole("PROJECT", "projectId"),
                            Column.of("STATE", "state"),
                            Column.of("CREATED BY", "createdBy"),
                            Column.time("CREATED", "createdAt"),
                            Column.time("EXPIRES", "expiresAt"));
        }
    }

    @Command(name = "revoke", description = "Revokes an API token.", mixinStandardHelpOptions = true)
    void revoke(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "TOKEN", description = "its name or id, not the token itself") String token) {
        try (Connection connection = options.connect()) {
            connection.tokens().revoke(token);
            options.output()
                    .item(
                            Json.object().put("revoked", token),
                            "API token '" + token + "' is revoked. All services refuse it within seconds.");
        }
    }
}
