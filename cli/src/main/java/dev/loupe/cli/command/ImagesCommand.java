package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.UsageException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Datasets;
import dev.loupe.client.dataset.model.ImagesUpdate;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "images",
        description =
                "Lists, labels, moves and deletes images of a project, and shows what an augmentation does to them.",
        subcommands = AugmentCommand.class,
        mixinStandardHelpOptions = true)
public final class ImagesCommand implements Runnable {
    private static final String IMAGE = "its file name, its digest or the digest's first 8 characters or more";
    private static final int MIN_DIGEST_LENGTH = 8;
    private static final int SHOWN_DIGEST = 12;

    @Spec
    private CommandSpec specification;

    /** Without a subcommand: names the subcommands. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                specification.commandLine(), "expected a command: list, label, move, product, delete or augment");
    }

    @Command(name = "list", description = "Lists images by their digest.", mixinStandardHelpOptions = true)
    void list(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name or id") String project,
            @Option(names = "--label", paramLabel = "LABEL", description = "only images with this label") String label,
            @Option(names = "--unlabelled", description = "only images without a label") boolean unlabelled,
            @Option(names = "--defect", paramLabel = "KIND", description = "only images with this kind of defect")
                    String defect,
            @Option(names = "--split", paramLabel = "SPLIT", description = "TRAIN, DEV, TEST or UNASSIGNED")
                    String split,
            @Option(names = "--product", paramLabel = "NAME", description = "only images of this product")
                    String product,
            @Option(
                            names = "--text",
                            paramLabel = "TEXT",
                            description = "only images with this in their file name, or at the start of their digest")
                    String text,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "100",
                            description = "at most N (default: ${DEFAULT-VALUE})")
                    int limit) {
        if (limit < 1) {
            throw new UsageException("--limit: expected 1 or more, got " + limit);
        }
        try (Connection connection = options.connect()) {
            options.output()
                    .list(
                            connection
                                    .datasets()
                                    .images(
                                            project,
                                            new Datasets.ImageFilter(
                                                    label, unlabelled, defect, upper(split), product, text),
                                            limit),
                            new Column("IMAGE", image -> shortened(image), true),
                            Column.of("NAME", "name"),
                            Column.of("LABEL", "label"),
                            Column.of("DEFECT", "defect"),
                            Column.of("SPLIT", "split"),
                            Column.of("PRODUCT", "product"),
                            new Column("PIXELS", image -> image.path("width") + " x " + image.path("height")),
                            Column.of("FORMAT", "format"),
                            Column.time("CREATED", "createdAt"));
        }
    }

    @Command(name = "label", description = "Gives images a label.", mixinStandardHelpOptions = true)
    void label(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name or id") String project,
            @Parameters(
                            paramLabel = "LABEL",
                            description = "a class; in an anomaly detection project normal or abnormal")
                    String label,
            @Parameters(paramLabel = "IMAGE", arity = "1..*", description = IMAGE) List<String> images,
            @Option(names = "--defect", paramLabel = "KIND", description = "kind of defect of abnormal images")
                    String defect) {
        change(options, project, images, new ImagesUpdate().label(label).defect(defect), "labelled '" + label + "'");
    }

    @Command(name = "move", description = "Moves images to a split.", mixinStandardHelpOptions = true)
    void move(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name or id") String project,
            @Parameters(
                            paramLabel = "SPLIT",
                            description = "TRAIN, DEV or TEST; UNASSIGNED leaves it to the next freeze")
                    String split,
            @Parameters(paramLabel = "IMAGE", arity = "1..*", description = IMAGE) List<String> images) {
        change(options, project, images, new ImagesUpdate().split(upper(split)), "moved to " + upper(split));
    }

    @Command(
            name = "product",
            description = "Says which product images show, in an anomaly detection project of several products.",
            mixinStandardHelpOptions = true)
    void product(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name or id") String project,
            @Parameters(paramLabel = "PRODUCT", description = "its name; an empty one removes it") String product,
            @Parameters(paramLabel = "IMAGE", arity = "1..*", description = IMAGE) List<String> images) {
        change(options, project, images, new ImagesUpdate().product(product), "of product '" + product + "'");
    }

    private static void change(
            ServerOptions options, String project, List<String> images, ImagesUpdate change, String done) {
        try (Connection connection = options.connect()) {
            Datasets datasets = connection.datasets();
            JsonNode changed = datasets.changeImages(project, digests(datasets, project, images), change);
            options.output().item(changed, Output.count(changed.path("changed").asInt(), "image") + " " + done);
        }
    }

    @Command(
            name = "delete",
            description = "Deletes images from a project; frozen dataset versions keep theirs.",
            mixinStandardHelpOptions = true)
    void delete(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "PROJECT", description = "its name or id") String project,
            @Parameters(paramLabel = "IMAGE", arity = "1..*", description = IMAGE) List<String> images) {
        try (Connection connection = options.connect()) {
            Datasets datasets = connection.datasets();
            JsonNode deleted = datasets.deleteImages(project, digests(datasets, project, images));
            options.output().item(deleted, Output.count(deleted.path("deleted").asInt(), "image") + " deleted");
        }
    }

    /** Resolves all names before any image is changed. */
    private static List<String> digests(Datasets datasets, String project, List<String> images) {
        return images.stream()
                .map(image -> digest(datasets, project, image))
                .distinct()
                .toList();
    }

    private static String digest(Datasets datasets, String project, String given) {
        if (given.matches("[0-9a-f]{64}")) {
            return given;
        }
        List<JsonNode> found = datasets.images(project, Datasets.ImageFilter.ofText(given), 1_000).stream()
                .filter(image -> image.path("name").asText().equals(given)
                        || given.length() >= MIN_DIGEST_LENGTH
                                && image.path("sha256").asText().startsWith(given))
                .toList();
        if (found.size() == 1) {
            return found.getFirst().path("sha256").asText();
        }
        throw new CommandException(
                found.isEmpty()
                        ? "project '" + project + "' has no image '" + given + "'; expected " + IMAGE
                        : "'" + given + "' names " + found.size() + " images; expected one of the digests "
                                + found.stream()
                                        .limit(5)
                                        .map(ImagesCommand::shortened)
                                        .collect(Collectors.joining(", ")));
    }

    private static String shortened(JsonNode image) {
        String sha256 = image.path("sha256").asText();
        return sha256.substring(0, Math.min(SHOWN_DIGEST, sha256.length()));
    }

    private static String upper(String split) {
        return split == null ? null : split.toUpperCase(Locale.ROOT);
    }
}
