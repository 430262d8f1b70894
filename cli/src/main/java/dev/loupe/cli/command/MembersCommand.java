package dev.loupe.cli.command;

import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import dev.loupe.client.dataset.model.Member;
import dev.loupe.client.dataset.model.MemberKind;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "members",
        description = "Lists the members of a project, and gives them a role.",
        mixinStandardHelpOptions = true)
public final class MembersCommand implements Runnable {
    private static final String NAME_OR_ID = "its name or id";

    @Spec
    private CommandSpec specification;

    /** Without a subcommand: names the subcommands. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                specification.commandLine(), "expected a command: list, set or remove, and a PROJECT");
    }

    @Command(
            name = "list",
            description = "Lists persons and groups with a role in the project.",
            mixinStandardHelpOptions = true)
    void list(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project) {
        try (Connection connection = options.connect()) {
            options.output()
                    .list(
                            connection.members().list(project),
                            Column.of("KIND", "kind"),
                            Column.whole("NAME", "name"),
                            Column.of("ROLE", "role"));
        }
    }

    @Command(
            name = "set",
            description = "Gives a person or a group a role in the project.",
            mixinStandardHelpOptions = true)
    void set(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Parameters(paramLabel = "NAME", description = "as the OpenID Connect provider has it") String name,
            @Option(
                            names = "--role",
                            required = true,
                            paramLabel = "ROLE",
                            description = "viewer, labeller, engineer, approver or admin")
                    String role,
            @Option(names = "--group", description = "NAME is a group") boolean group) {
        Member member = new Member().kind(kind(group)).name(name).role(TokensCommand.role(role));
        try (Connection connection = options.connect()) {
            options.output()
                    .item(
                            connection.members().set(project, member),
                            "'" + name + "' is " + role.toLowerCase(Locale.ROOT) + " in '" + project + "'.");
        }
    }

    @Command(
            name = "remove",
            description = "Takes a person or a group its role in the project.",
            mixinStandardHelpOptions = true)
    void remove(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String project,
            @Parameters(paramLabel = "NAME", description = "as the OpenID Connect provider has it") String name,
            @Option(names = "--group", description = "NAME is a group") boolean group) {
        try (Connection connection = options.connect()) {
            connection.members().remove(project, kind(group), name);
            options.output()
                    .item(
                            Json.object().put("removed", name),
                            "'" + name + "' is no member of '" + project
                                    + "' any more. All services know it within seconds.");
        }
    }

    private static MemberKind kind(boolean group) {
        return group ? MemberKind.GROUP : MemberKind.PERSON;
    }
}
