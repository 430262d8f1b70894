package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Connection;
import dev.loupe.client.ClientException;
import dev.loupe.client.ProblemException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.UnmatchedArgumentException;

/** Suggests names of projects that are similar to a mistyped one. */
public final class ProjectNames {
    private static final Set<String> UNKNOWN_PROJECT = Set.of("PROJECT_NOT_FOUND", "MODEL_NOT_FOUND");
    private static final int MAX_NAMES = 3;

    private ProjectNames() {}

    /** Returns projects with a name similar to the given one if the problem is an unknown project, otherwise none. */
    public static List<String> similar(ProblemException problem, CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        if (!UNKNOWN_PROJECT.contains(problem.code())
                || spec.mixins().values().stream().noneMatch(mixin -> mixin.userObject() instanceof ServerOptions)) {
            return List.of();
        }
        String given = Stream.<ArgSpec>concat(spec.positionalParameters().stream(), spec.options().stream())
                .filter(argument -> argument.paramLabel().equals("PROJECT") && argument.getValue() != null)
                .map(argument -> argument.getValue().toString())
                .findFirst()
                .orElse("");
        ServerOptions server = spec.mixins().values().stream()
                .map(CommandSpec::userObject)
                .filter(ServerOptions.class::isInstance)
                .map(ServerOptions.class::cast)
                .findFirst()
                .orElseThrow();
        try (Connection connection = server.connect()) {
            return similar(
                    given,
                    connection.datasets().projects().stream()
                            .map(project -> project.path("name"))
                            .map(JsonNode::asText)
                            .toList());
        } catch (ClientException unreachable) {
            return List.of();
        }
    }

    /** Returns the most similar names first, by the measure that picocli uses for commands. */
    static List<String> similar(String given, List<String> names) {
        CommandSpec known = CommandSpec.create();
        names.stream()
                .filter(name -> !name.equals(given))
                .forEach(name -> known.addSubcommand(name, CommandSpec.create()));
        return new UnmatchedArgumentException(new CommandLine(known), List.of(given))
                .getSuggestions().stream().limit(MAX_NAMES).toList();
    }
}
