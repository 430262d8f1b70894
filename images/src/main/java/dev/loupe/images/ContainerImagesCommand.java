package dev.loupe.images;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.AdditionalCommand;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.command.OutputOptions;
import dev.loupe.cli.server.Json;
import dev.loupe.local.LocalOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "container-images",
        description = {
            "Writes the container images of Loupe as archives, without a Docker engine: dataset-service,"
                    + " training-service,",
            "inference-service, console, trainer, devstack, cli. The same build gives the same bytes.",
            "Then: docker load -i FILE, ctr images import FILE, skopeo copy docker-archive:FILE docker://REGISTRY/…"
        },
        mixinStandardHelpOptions = true)
public final class ContainerImagesCommand implements Runnable, AdditionalCommand {
    @Mixin
    private OutputOptions options;

    @Option(
            names = "--base",
            paramLabel = "IMAGE",
            defaultValue = ImageSet.DEFAULT_BASE,
            description = {
                "image with a Java 25 runtime and glibc that they are built on: a name in a registry, tar://FILE, or",
                "offline: a Java runtime and libraries of this machine (default: ${DEFAULT-VALUE})"
            })
    private String base;

    @Option(
            names = "--name",
            paramLabel = "PREFIX",
            defaultValue = "${env:LOUPE_IMAGE_PREFIX:-" + ImageSet.PREFIX + "}",
            description =
                    "what stands before the names, such as registry.example.org/loupe (default: ${DEFAULT-VALUE})")
    private String prefix;

    @Option(names = "--tag", paramLabel = "TAG", defaultValue = ImageSet.TAG, description = "default: ${DEFAULT-VALUE}")
    private String tag;

    @Option(
            names = "--to",
            paramLabel = "FOLDER",
            description = "where the archives go (default: target/images beside the script)")
    private Path output;

    @Option(
            names = "--no-start-cache",
            description = {
                "leave out the AOT caches, with which the services start faster. They are made by starting the services",
                "once on this machine, and are the one part that is not the same byte for byte on another"
            })
    private boolean withoutStartCache;

    @Parameters(paramLabel = "IMAGE", arity = "0..*", description = "which ones (default: all)")
    private List<String> chosen = List.of();

    @Override
    public void run() {
        Path home = LocalOptions.home();
        Path folder = output == null ? ImageSet.defaultOutput(home) : output;
        List<JsonNode> built = new ArrayList<>();
        new ImageSet(home, folder, base, prefix, tag, !withoutStartCache)
                .build(images(), (image, archive) -> show(archive, built));
        if (options.output().isJson()) {
            options.output().list(built);
        }
    }

    private void show(ImageArchive archive, List<JsonNode> built) {
        long size = archive.file().toFile().length();
        if (options.output().isJson()) {
            built.add(Json.object()
                    .put("name", archive.name())
                    .put("size", size)
                    .put("digest", archive.digest())
                    .put("file", archive.file().toString()));
            return;
        }
        System.out.printf(
                Locale.ROOT,
                "%-40s %4d MB  %s  %s%n",
                archive.name(),
                size / 1_000_000,
                archive.digest(),
                archive.file());
    }

    private List<LoupeImage> images() {
        List<String> known =
                Stream.of(LoupeImage.values()).map(LoupeImage::label).toList();
        for (String name : chosen) {
            if (!known.contains(name)) {
                throw new CommandException(
                        "there is no container image '" + name + "', only " + String.join(", ", known));
            }
        }
        return Stream.of(LoupeImage.values())
                .filter(image -> chosen.isEmpty() || chosen.contains(image.label()))
                .toList();
    }
}
