package dev.loupe.cli.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** All images of Loupe, as the chart expects them. */
public final class ImageSet {
    private ImageSet() {}

    /**
     * Builds them under the names and the tag that the chart uses.
     *
     * @param home Loupe's folder, with its modules built
     * @param base that they are built on, as of {@code ./loupe images --base}
     * @return the archives
     */
    public static List<Path> build(Path home, String base) throws IOException, InterruptedException {
        // The log manager on our class path complains when it is found without having been asked for.
        System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
        ImageBuilder builder = new ImageBuilder(home, home.resolve("target/images"), base);
        List<Path> archives = new ArrayList<>();
        for (LoupeImage image : LoupeImage.values()) {
            archives.add(
                    builder.build(image, "loupe/" + image.label() + ":0.1.0").file());
        }
        return archives;
    }
}
