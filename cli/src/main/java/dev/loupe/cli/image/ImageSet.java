package dev.loupe.cli.image;

import dev.loupe.cli.CommandException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Images of Loupe that are built together.
 *
 * @param home Loupe's folder, with its modules built
 * @param output where the archives go
 * @param base that they are built on, as of {@code ./loupe images --base}
 * @param prefix what stands before their names
 * @param tag of all of them
 */
public record ImageSet(Path home, Path output, String base, String prefix, String tag) {
    static final String PREFIX = "loupe";
    static final String TAG = "0.1.0";

    /** Under the names and with the tag that the chart uses. */
    public static ImageSet ofTheChart(Path home, String base) {
        return new ImageSet(home, defaultOutput(home), base, PREFIX, TAG);
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
        build(List.of(LoupeImage.values()), archive -> archives.add(archive.file()));
        return archives;
    }

    void build(List<LoupeImage> images, Consumer<ImageArchive> built) {
        // The log manager on our class path complains when it is found without having been asked for.
        System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
        ImageBuilder builder = new ImageBuilder(home, output.toAbsolutePath(), base);
        try {
            for (LoupeImage image : images) {
                built.accept(builder.build(image, prefix + "/" + image.label() + ":" + tag));
            }
        } catch (IOException failed) {
            throw new CommandException("images: " + failed, failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CommandException("images: interrupted", interrupted);
        }
    }
}
