package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import dev.loupe.client.dataset.model.VersionChangeKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "versions",
        description = "Lists a project's dataset versions, compares two, or deletes one.",
        mixinStandardHelpOptions = true)
public final class VersionsCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    private static final String NAME_OR_ID = "its name or id";

    @Parameters(paramLabel = "PROJECT", arity = "0..1", description = NAME_OR_ID)
    private String project;

    @Override
    public void run() {
        if (project == null) {
            throw new UsageException("expected the PROJECT whose versions are to be listed");
        }
        try (Connection connection = server.connect()) {
            server.output()
                    .list(
                            connection.datasets().versions(project),
                            Column.of("VERSION", "number"),
                            new Column("TRAIN", version -> split(version, "TRAIN")),
                            new Column("DEV", version -> split(version, "DEV")),
                            new Column("TEST", version -> split(version, "TEST")),
                            Column.of("SEED", "seed"),
                            new Column("WARNINGS", version -> StreamSupport.stream(
                                            version.path("warnings").spliterator(), false)
                                    .map(warning -> words(warning.path("code").asText()))
                                    .collect(Collectors.joining(", "))),
                            Column.of("NOTE", "note"),
                            Column.time("CREATED", "createdAt"));
        }
    }

    @Command(
            name = "diff",
            description = "Shows which images differ between two versions.",
            mixinStandardHelpOptions = true)
    void diff(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String name,
            @Parameters(paramLabel = "FROM", description = "number of a version") int from,
            @Parameters(paramLabel = "TO", description = "number of the version that is compared with it") int to,
            @Option(
                            names = "--kind",
                            paramLabel = "KIND",
                            description = "only images that differ so: ${COMPLETION-CANDIDATES}; may be repeated")
                    List<VersionChangeKind> kinds,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "100",
                            description = "at most N images, up to 1000 (default: ${DEFAULT-VALUE})")
                    int limit) {
        try (Connection connection = options.connect()) {
            JsonNode changes =
                    connection.datasets().versionChanges(name, from, to, kinds == null ? List.of() : kinds, limit);
            options.output().item(changes, sentence(changes));
            List<JsonNode> images = new ArrayList<>();
            changes.path("items").forEach(images::add);
            if (!images.isEmpty() && !options.output().isJson()) {
                options.output()
                        .list(
                                images,
                                new Column(
                                        "IMAGE",
                                        image -> image.path("sha256").asText().substring(0, 12),
                                        true),
                                Column.of("NAME", "name"),
                                new Column("CHANGE", VersionsCommand::kinds),
                                new Column("BEFORE", image -> state(image.path("before"))),
                                new Column("AFTER", image -> state(image.path("after"))));
            }
        }
    }

    /**
     * Checks that a project has a dataset version: training-service hears of versions a moment later, and would be asked for a
     * while for one that never comes.
     *
     * @param number null for any
     */
    static void require(Connection connection, String project, Integer number) {
        List<JsonNode> versions = connection.datasets().versions(project);
        if (versions.isEmpty()) {
            throw new CommandException(
                    "project '" + project + "' has no dataset version yet; make one: ./loupe freeze " + project);
        }
        if (number != null
                && versions.stream().noneMatch(version -> version.path("number").asInt() == number)) {
            throw new CommandException("project '" + project + "' has no dataset version " + number + ", only up to "
                    + versions.getLast().path("number").asInt());
        }
    }

    private static String sentence(JsonNode changes) {
        String counts = StreamSupport.stream(changes.path("counts").properties().spliterator(), false)
                .filter(count -> count.getValue().asInt() > 0)
                .map(count -> count.getValue().asInt() + " " + words(count.getKey()))
                .collect(Collectors.joining(", "));
        int shown = changes.path("items").size();
        int total = changes.path("total").asInt();
        return "Version %d compared with version %d: %s; %s unchanged; %s TEST images.%s"
                .formatted(
                        changes.path("to").asInt(),
                        changes.path("from").asInt(),
                        counts.isEmpty() ? "no difference" : counts,
                        Output.count(changes.path("unchanged").asInt(), "image"),
                        changes.path("sameTestImages").asBoolean() ? "the same" : "other",
                        shown < total ? " The first %d of %d images:".formatted(shown, total) : "");
    }

    private static String kinds(JsonNode image) {
        return StreamSupport.stream(image.path("kinds").spliterator(), false)
                .map(kind -> words(kind.asText()))
                .collect(Collectors.joining(", "));
    }

    /** {@code defect changed} for {@code DEFECT_CHANGED}. */
    private static String words(String constant) {
        return constant.toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String state(JsonNode state) {
        return Stream.of("label", "defect", "split", "product")
                .map(field -> state.path(field).asText())
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(" "));
    }

    @Command(
            name = "delete",
            description = {
                "Deletes a version that no run uses, and the images that only it kept.",
                "A version that runs use stays: delete those runs first."
            },
            mixinStandardHelpOptions = true)
    void delete(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = NAME_OR_ID) String name,
            @Parameters(paramLabel = "VERSION", description = "its number") int version) {
        try (Connection connection = options.connect()) {
            connection.training().deleteDatasetVersion(name, version);
            options.output()
                    .item(
                            Json.object().put("deleted", version),
                            "Version " + version + " of '" + name + "' is deleted.");
        }
    }

    private static String split(JsonNode version, String split) {
        return Output.text(version.path("counts").path(split));
    }
}
