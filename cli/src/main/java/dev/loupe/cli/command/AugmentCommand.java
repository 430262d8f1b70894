package dev.loupe.cli.command;

import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Datasets.Augmentation;
import dev.loupe.cli.server.Json;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "augment",
        description = {
            "Shows what an augmentation does: a PNG with a row for each of some images, and in it five copies of the image",
            "that were changed at random. The options are the parameters of the recipes that augment."
        },
        mixinStandardHelpOptions = true)
final class AugmentCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "PROJECT", description = "its name or id")
    private String project;

    @Option(names = "--flip-horizontal", description = "mirror half of the images")
    private boolean flipHorizontal;

    @Option(names = "--flip-vertical", description = "turn half of the images upside down")
    private boolean flipVertical;

    @Option(names = "--rotation", paramLabel = "VALUE", description = "most degrees of a rotation, 0 to 180")
    private Double rotation;

    @Option(names = "--translation", paramLabel = "VALUE", description = "most shift, as a share of the side, 0 to 1")
    private Double translation;

    @Option(
            names = "--zoom",
            paramLabel = "VALUE",
            description = "zoom s, by factors from 1 / (1 + s) to 1 + s, 0 to 10")
    private Double zoom;

    @Option(names = "--brightness", paramLabel = "VALUE", description = "change of the brightness, 0 to 1")
    private Double brightness;

    @Option(names = "--contrast", paramLabel = "VALUE", description = "change of the contrast, 0 to 1")
    private Double contrast;

    @Option(names = "--saturation", paramLabel = "VALUE", description = "change of the saturation, 0 to 1")
    private Double saturation;

    @Option(
            names = "--hue",
            paramLabel = "VALUE",
            description = "change of the hue, as a share of the circle, 0 to 0.5")
    private Double hue;

    @Option(names = "--erasing", paramLabel = "VALUE", description = "probability that a rectangle is erased, 0 to 1")
    private Double erasing;

    @Option(
            names = "--blur",
            paramLabel = "VALUE",
            description = "largest standard deviation of a blur, in pixels, 0 to 5")
    private Double blur;

    @Option(
            names = "--noise",
            paramLabel = "VALUE",
            description = "largest standard deviation of noise, where 1 is white, 0 to 1")
    private Double noise;

    @Option(
            names = "--rand-augment",
            paramLabel = "COUNT",
            description = "operations of RandAugment for each image, 0 to 10")
    private Integer randAugment;

    @Option(
            names = "--magnitude",
            paramLabel = "VALUE",
            description = "strength of RandAugment's operations, 0 to 1 (default: 0.3)")
    private Double magnitude;

    @Option(
            names = "--mixup",
            paramLabel = "VALUE",
            description = "alpha of mixup, 0 to 1: each copy is mixed with the one below it, the last with the first")
    private Double mixup;

    @Option(names = "--cutmix", paramLabel = "VALUE", description = "alpha of CutMix, 0 to 1: the same by rectangles")
    private Double cutmix;

    @Option(names = "--seed", paramLabel = "SEED", description = "of the random numbers (default: 1)")
    private Long seed;

    @Option(
            names = "--to",
            paramLabel = "FILE",
            defaultValue = "augmentation.png",
            description = "file to write (default: ${DEFAULT-VALUE})")
    private Path file;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            byte[] sheet = connection
                    .datasets()
                    .augmentation(
                            project,
                            new Augmentation(
                                    flipHorizontal,
                                    flipVertical,
                                    rotation,
                                    translation,
                                    zoom,
                                    brightness,
                                    contrast,
                                    saturation,
                                    hue,
                                    erasing,
                                    blur,
                                    noise,
                                    randAugment,
                                    magnitude,
                                    mixup,
                                    cutmix),
                            seed);
            HeatmapFiles.write(file, output -> output.write(sheet));
            server.output()
                    .item(Json.object().put("file", file.toString()), "What the augmentation does is shown in " + file);
        }
    }
}
