package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import dev.loupe.cli.server.Models;
import dev.loupe.client.inference.model.VersionChange;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "models",
        description = {
            "Lists models, or the versions of one; copies the package of a version, or deletes a version.",
            "Imports a classifier that was trained elsewhere. Extends the memory of a detector by further normal images.",
            "Loads versions into memory or pins them there, and shows what they predicted."
        },
        mixinStandardHelpOptions = true,
        subcommands = {
            ShowVersionCommand.class,
            ImportModelCommand.class,
            ImportedModelsCommand.class,
            ExtendModelCommand.class
        })
public final class ModelsCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "PROJECT", arity = "0..1", description = "its name or id")
    private String project;

    @ArgGroup(exclusive = false)
    private Download download;

    /** What to copy, and where to. */
    private static final class Download {
        @Option(names = "--download", paramLabel = "N", required = true, description = "copy this version's package")
        private int version;

        @Option(names = "--to", paramLabel = "FOLDER", required = true, description = "where the copy goes")
        private Path folder;
    }

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            Models models = connection.models();
            if (download != null) {
                copyPackage(models);
                return;
            }
            if (project == null) {
                server.output()
                        .list(
                                withAliases(models),
                                Column.of("MODEL", "name"),
                                Column.of("TASK", "task"),
                                Column.of("ALIASES", "aliases"));
                return;
            }
            server.output()
                    .list(
                            versions(models),
                            Column.of("VERSION", "number"),
                            new Column("ALIASES", ModelsCommand::names),
                            Column.of("STATE", "state"),
                            Column.of("REASON", "reason"),
                            new Column("MEMORY", ModelsCommand::memory),
                            Column.of("METRICS", "metrics"),
                            Column.of("DATA", "datasetVersion"),
                            Column.of("RECIPE", "recipe"),
                            Column.of("BACKBONE", "backbone"),
                            Column.of("ORIGIN", "origin"),
                            new Column("TAGS", ModelsCommand::tags),
                            Column.of("OWNER", "owner"),
                            Column.time("CREATED", "createdAt"));
        }
    }

    @Command(
            name = "delete",
            description = {
                "Deletes a version and its package.",
                "A version stays while an alias points at it, or would after a rollback."
            },
            mixinStandardHelpOptions = true)
    void delete(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name or id") String name,
            @Parameters(paramLabel = "VERSION", description = "its number") int version) {
        try (Connection connection = options.connect()) {
            connection.models().delete(name, version);
            options.output()
                    .item(
                            Json.object().put("deleted", version),
                            "Version " + version + " of '" + name + "' is deleted, with its package.");
        }
    }

    @Command(name = "tag", description = "Adds tags to a version, or removes some.", mixinStandardHelpOptions = true)
    void tag(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name or id") String name,
            @Parameters(paramLabel = "VERSION", description = "its number") int version,
            @Parameters(paramLabel = "TAG", arity = "0..*", description = "tags to add") List<String> added,
            @Option(names = "--remove", paramLabel = "TAG", description = "a tag to remove; may be repeated")
                    List<String> removed) {
        if (added == null && removed == null) {
            throw new UsageException("expected a TAG to add, or --remove TAG");
        }
        try (Connection connection = options.connect()) {
            JsonNode tagged = connection
                    .models()
                    .tag(name, version, added == null ? List.of() : added, removed == null ? List.of() : removed);
            options.output().item(tagged, described(name, tagged));
        }
    }

    @Command(
            name = "describe",
            description = "Sets the description or the owner of a version; an empty text removes it.",
            mixinStandardHelpOptions = true)
    void describe(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name or id") String name,
            @Parameters(paramLabel = "VERSION", description = "its number") int version,
            @Option(names = "--text", paramLabel = "TEXT", description = "the description") String text,
            @Option(names = "--owner", paramLabel = "NAME", description = "who is responsible for it") String owner) {
        if (text == null && owner == null) {
            throw new UsageException("expected --text TEXT or --owner NAME");
        }
        try (Connection connection = options.connect()) {
            JsonNode described = connection
                    .models()
                    .describe(
                            name,
                            version,
                            new VersionChange().description(text).owner(owner).tags(null));
            options.output().item(described, described(name, described));
        }
    }

    private static String described(String project, JsonNode version) {
        return "Version %d of '%s': description %s, owner %s, tags %s"
                .formatted(
                        version.path("number").asInt(),
                        project,
                        version.path("description").asText("none"),
                        version.path("owner").asText("none"),
                        tags(version));
    }

    private static String tags(JsonNode version) {
        return StreamSupport.stream(version.path("tags").spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(" "));
    }

    @Command(
            name = "load",
            description = {
                "Loads a version into the memory of the replica that answers, and waits until it is ready.",
                "A prediction does so, too; to load it before saves the first one the time."
            },
            mixinStandardHelpOptions = true)
    void load(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name") String name,
            @Parameters(
                            paramLabel = "N|ALIAS",
                            arity = "0..1",
                            defaultValue = "",
                            description = "a version number or an alias (default: the alias production)")
                    String version) {
        try (Connection connection = options.connect()) {
            connection.models().load(name, version);
            options.output()
                    .item(
                            Json.object().put("loaded", version.isEmpty() ? "production" : version),
                            "Version %s of '%s' is ready.".formatted(version.isEmpty() ? "production" : version, name));
        }
    }

    @Command(
            name = "unload",
            description = {
                "Removes a version from the memory of the replica that answers. The next prediction loads it again.",
                "A version that an alias names stays, and a pinned one."
            },
            mixinStandardHelpOptions = true)
    void unload(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name") String name,
            @Parameters(paramLabel = "VERSION", description = "its number") int version) {
        try (Connection connection = options.connect()) {
            connection.models().unload(name, String.valueOf(version));
            options.output()
                    .item(
                            Json.object().put("unloaded", version),
                            "Version " + version + " of '" + name + "' is not in memory.");
        }
    }

    @Command(
            name = "pin",
            description = {
                "Keeps a version in the memory of each replica, also while others need the memory.",
                "A version that an alias names stays there without a pin."
            },
            mixinStandardHelpOptions = true)
    void pin(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name or id") String name,
            @Parameters(paramLabel = "VERSION", description = "its number") int version) {
        try (Connection connection = options.connect()) {
            options.output()
                    .item(
                            connection.models().pin(name, version, true),
                            "Version %d of '%s' stays in memory.".formatted(version, name));
        }
    }

    @Command(
            name = "unpin",
            description = "Lets replicas unload a version that was pinned, when others need the memory.",
            mixinStandardHelpOptions = true)
    void unpin(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name or id") String name,
            @Parameters(paramLabel = "VERSION", description = "its number") int version) {
        try (Connection connection = options.connect()) {
            options.output()
                    .item(
                            connection.models().pin(name, version, false),
                            "Version %d of '%s' is not pinned.".formatted(version, name));
        }
    }

    /** {@code 18.0 MB, pinned}. */
    private static String memory(JsonNode version) {
        String size = version.path("memoryBytes").isNumber()
                ? String.format(
                        Locale.ROOT, "%.1f MB", version.path("memoryBytes").asLong() / 1e6)
                : "";
        if (!version.path("pinned").asBoolean()) {
            return size;
        }
        return size.isEmpty() ? "pinned" : size + ", pinned";
    }

    @Command(
            name = "stats",
            description = {
                "Shows what versions have predicted in the replica that answers since its start, and how long it took:",
                "the mean times of a request in milliseconds."
            },
            mixinStandardHelpOptions = true)
    void stats(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", arity = "0..1", description = "its name (default: all)") String name) {
        try (Connection connection = options.connect()) {
            options.output()
                    .list(
                            connection.models().statistics(name),
                            Column.of("MODEL", "name"),
                            Column.of("VERSION", "version"),
                            Column.of("IMAGES", "inference_count"),
                            Column.of("REQUESTS", "execution_count"),
                            new Column("FAILED", version -> version.at("/inference_stats/fail/count")
                                    .asText()),
                            new Column("WAITING", version -> mean(version, "queue")),
                            new Column("PREPARING", version -> mean(version, "compute_input")),
                            new Column("PREDICTING", version -> mean(version, "compute_infer")));
        }
    }

    /** Mean of a duration in milliseconds; nothing if there was none. */
    private static String mean(JsonNode version, String duration) {
        JsonNode total = version.path("inference_stats").path(duration);
        long count = total.path("count").asLong();
        return count == 0
                ? ""
                : String.format(Locale.ROOT, "%.2f", total.path("ns").asLong() / 1e6 / count);
    }

    private void copyPackage(Models models) {
        if (project == null) {
            throw new UsageException("expected the PROJECT whose version is to be copied");
        }
        List<Path> files = models.download(project, download.version, download.folder);
        ArrayNode names = Json.array();
        files.forEach(file -> names.add(file.toString()));
        server.output()
                .item(
                        names,
                        "Copied " + Output.count(files.size(), "file") + " of version " + download.version + " of '"
                                + project + "' to " + download.folder);
    }

    /** Each model with its aliases and the versions that they name. */
    private static List<JsonNode> withAliases(Models models) {
        List<JsonNode> all = models.models();
        all.forEach(model -> {
            ObjectNode aliases = ((ObjectNode) model).putObject("aliases");
            models.aliases(model.path("name").asText())
                    .forEach(alias -> aliases.set(alias.path("alias").asText(), alias.path("version")));
        });
        return all;
    }

    /** Each version with the names of its aliases. */
    private List<JsonNode> versions(Models models) {
        List<JsonNode> aliases = models.aliases(project);
        List<JsonNode> versions = models.versions(project);
        versions.forEach(version -> {
            ArrayNode names = ((ObjectNode) version).putArray("aliases");
            aliases.stream()
                    .filter(alias -> alias.path("version").equals(version.path("number")))
                    .forEach(alias -> names.add(alias.path("alias")));
        });
        return versions;
    }

    private static String names(JsonNode version) {
        return StreamSupport.stream(version.path("aliases").spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(" "));
    }
}
