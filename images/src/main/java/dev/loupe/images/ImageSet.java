package dev.loupe.images;

import dev.loupe.cli.CommandException;
import dev.loupe.local.LocalOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Images of Loupe that are built together.
 *
 * @param home Loupe's folder, with its modules built
 * @param output where the archives go
 * @param base that they are built on, as of {@code ./loupe container-images --base}
 * @param prefix what stands before their names
 * @param tag of all of them
 * @param startCaches whether the images of services contain an AOT cache, see {@link StartCaches}
 */
public record ImageSet(Path home, Path output, String base, String prefix, String tag, boolean startCaches) {
    static final String PREFIX = "loupe";
    /** The chart's. */
    public static final String TAG = "0.1.0";

    /** What images are built on unless another base is named: a default value of options. */
    public static final String DEFAULT_BASE = "${env:LOUPE_IMAGE_BASE:-eclipse-temurin:25-jre}";

    /** Under the names and with the tag that the chart uses. */
    public static ImageSet ofTheChart(Path home, String base) {
        return ofTheChart(home, base, TAG);
    }

    /** Under the names that the chart uses. */
    public static ImageSet ofTheChart(Path home, String base, String tag) {
        return new ImageSet(home, defaultOutput(home), base, PREFIX, tag, true);
    }

    /** The same without AOT caches: they are built in less time, and their services start more slowly. */
    public ImageSet withoutStartCaches() {
        return new ImageSet(home, output, base, prefix, tag, false);
    }

    static Path defaultOutput(Path home) {
        return home.resolve("target/images");
    }

    /**
     * Builds all of them.
     *
     * @return the archives
     * @throws CommandException when one can't be built
     */
    public List<Path> build() {
        List<Path> archives = new ArrayList<>();
        build(List.of(LoupeImage.values()), (image, archive) -> archives.add(archive.file()));
        return archives;
    }

    void build(List<LoupeImage> images, BiConsumer<LoupeImage, ImageArchive> built) {
        leftOut(images).ifPresent(System.err::println);
        ImageBuilder builder = new ImageBuilder(home, output.toAbsolutePath(), base);
        try {
            Map<LoupeImage, Path> caches = startCaches ? caches(builder, images) : Map.of();
            for (LoupeImage image : images) {
                built.accept(image, builder.build(image, name(image), Optional.ofNullable(caches.get(image))));
            }
        } catch (IOException failed) {
            throw new CommandException("container images: " + failed, failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CommandException("container images: interrupted", interrupted);
        }
    }

    /** Says what the build of the modules left out of the images. */
    Optional<String> leftOut(List<LoupeImage> images) {
        return images.contains(LoupeImage.CONSOLE) && !LocalOptions.hasConsolePages(home)
                ? Optional.of(
                        "console: the image has no pages: they are built where Node 20.19 or newer is on the PATH")
                : Optional.empty();
    }

    private Map<LoupeImage, Path> caches(ImageBuilder builder, List<LoupeImage> images)
            throws IOException, InterruptedException {
        Map<LoupeImage, ImageArchive> services = new EnumMap<>(LoupeImage.class);
        for (LoupeImage image : images) {
            if (image.service().isPresent()) {
                services.put(image, builder.build(image, name(image)));
            }
        }
        return new StartCaches(home, builder.scratch()).of(services);
    }

    private String name(LoupeImage image) {
        return prefix + "/" + image.label() + ":" + tag;
    }
}
