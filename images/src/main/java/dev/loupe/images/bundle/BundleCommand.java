package dev.loupe.images.bundle;

import dev.loupe.cli.AdditionalCommand;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.command.Output;
import dev.loupe.cli.command.OutputOptions;
import dev.loupe.cli.server.Json;
import dev.loupe.images.ImageSet;
import dev.loupe.local.LocalOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "bundle",
        description = {
            "Packs all that a cluster without internet access needs into one archive: images, chart, backbones,",
            "checksums, and load.sh, which verifies them and brings the images to the cluster."
        },
        mixinStandardHelpOptions = true)
public final class BundleCommand implements Runnable, AdditionalCommand {
    @Mixin
    private OutputOptions options;

    @Option(
            names = "--base",
            paramLabel = "IMAGE",
            defaultValue = ImageSet.DEFAULT_BASE,
            description = "that the images are built on, as of ./loupe container-images (default: ${DEFAULT-VALUE})")
    private String base;

    @Option(
            names = "--tag",
            paramLabel = "TAG",
            defaultValue = "${env:LOUPE_IMAGE_TAG:-" + ImageSet.TAG + "}",
            description = "of the images; the chart in the bundle installs these (default: ${DEFAULT-VALUE})")
    private String tag;

    @Option(
            names = "--backbone",
            paramLabel = "FILE",
            description = "an ONNX network that goes along; may be given several times")
    private List<Path> backbones = List.of();

    @Option(
            names = "--to",
            paramLabel = "FILE",
            description = "the archive (default: target/loupe-TAG.tar beside the script)")
    private Path file;

    @Override
    public void run() {
        for (Path backbone : backbones) {
            if (!Files.isReadable(backbone)) {
                throw new CommandException("there is no backbone " + backbone);
            }
        }
        Path home = LocalOptions.home();
        Path target = file == null ? home.resolve("target/loupe-" + tag + ".tar") : file;
        List<Path> images = ImageSet.ofTheChart(home, base, tag).build();
        try {
            new Bundle(home.resolve("helm/loupe"), images, backbones, tag).write(target);
            options.output()
                    .item(
                            Json.object()
                                    .put("file", target.toString())
                                    .put("images", images.size())
                                    .put("backbones", backbones.size())
                                    .put("size", Files.size(target)),
                            target + ": " + Output.count(images.size(), "container image") + ", the chart, "
                                    + Output.count(backbones.size(), "backbone") + ", "
                                    + Files.size(target) / 1_000_000 + " MB\nThere: tar -xf " + target.getFileName()
                                    + " && loupe-" + tag + "/load.sh");
        } catch (IOException failed) {
            throw new CommandException("bundle: " + failed, failed);
        }
    }
}
