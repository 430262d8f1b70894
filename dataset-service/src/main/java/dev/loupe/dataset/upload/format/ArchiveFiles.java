package dev.loupe.dataset.upload.format;

import java.util.List;
import java.util.function.Function;

/**
 * The files of an archive, for the detection of its format.
 *
 * @param images the images
 * @param others files that are not images, without hidden files and files of operating systems
 * @param products whether a folder within that of a label is a product; otherwise it has no meaning
 * @param reader reads one of the other files; throws {@code ARCHIVE_ENTRY_REFUSED} if it is damaged or too large
 */
public record ArchiveFiles(
        ImageTree images, List<ArchivePath> others, boolean products, Function<ArchivePath, byte[]> reader) {
    public ArchiveFiles {
        others = List.copyOf(others);
    }

    /** Files of which all are images. */
    public static ArchiveFiles ofImages(List<ArchivePath> images) {
        return ofImages(images, false);
    }

    /** Files of which all are images, with products if they are asked for. */
    public static ArchiveFiles ofImages(List<ArchivePath> images, boolean products) {
        return new ArchiveFiles(ImageTree.of(images, products), List.of(), products, file -> {
            throw new IllegalArgumentException("no file " + file);
        });
    }
}
