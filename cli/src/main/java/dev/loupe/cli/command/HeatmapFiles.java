package dev.loupe.cli.command;

import dev.loupe.cli.CommandException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Files for the heatmaps of images: {@code a/1.png} and {@code b/1.png} get {@code a/1-heatmap.png} and
 * {@code b/1-heatmap.png} below one folder; the folders that all images have in common are left out. No two images get
 * one file.
 */
public final class HeatmapFiles {
    private final Path folder;
    private final Map<Path, Path> files = new HashMap<>();

    /** @param images their paths, or their names in a project; nothing is read of them */
    public HeatmapFiles(Path folder, List<Path> images) {
        this.folder = folder;
        Map<Path, Path> places = new LinkedHashMap<>();
        images.forEach(image -> places.put(image, place(image)));
        Set<Path> distinct = new HashSet<>(places.values());
        // 1.png and 1.jpg differ only by their extension.
        boolean whole = distinct.stream()
                        .map(place -> named(place, stem(place)))
                        .distinct()
                        .count()
                < distinct.size();
        int common = common(List.copyOf(distinct));
        places.forEach((image, place) -> {
            Path below = place.subpath(common, place.getNameCount());
            files.put(image, named(below, whole ? below.getFileName().toString() : stem(below)));
        });
    }

    /** The file of an image's heatmap. */
    public Path of(Path image) {
        return folder.resolve(files.get(image));
    }

    /** Another file beside an image's heatmap. */
    public Path beside(Path image) {
        return of(image).resolveSibling(image.getFileName());
    }

    /** Writes a file, and the folders above it. */
    public static Path write(Path file, Content content) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            try (OutputStream output = Files.newOutputStream(file)) {
                content.writeTo(output);
            }
            return file;
        } catch (IOException failed) {
            throw new CommandException(file + ": can't be written: " + failed.getMessage(), failed);
        }
    }

    /** What goes into a file. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream output) throws IOException;
    }

    /** Removes the root and every {@code ..}. */
    private static Path place(Path image) {
        Path absolute = image.toAbsolutePath().normalize();
        return absolute.subpath(0, absolute.getNameCount());
    }

    private static int common(List<Path> places) {
        if (places.isEmpty()) {
            return 0;
        }
        Path first = places.getFirst();
        int common = first.getNameCount() - 1;
        for (Path place : places) {
            int same = 0;
            while (same < Math.min(common, place.getNameCount() - 1)
                    && place.getName(same).equals(first.getName(same))) {
                same++;
            }
            common = same;
        }
        return common;
    }

    private static Path named(Path place, String name) {
        return place.resolveSibling(name + "-heatmap.png");
    }

    private static String stem(Path file) {
        return file.getFileName().toString().replaceFirst("(?<=.)\\.[^.]+$", "");
    }
}
