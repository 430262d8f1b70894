package dev.loupe.dataset.upload.format;

import java.util.List;

/**
 * The detected format of an archive.
 *
 * @param name name of the format
 * @param root folders that enclose the images and have no meaning
 * @param layout meaning of the images
 */
public record DetectedFormat(String name, List<String> root, Layout layout) {
    public DetectedFormat {
        root = List.copyOf(root);
    }

    /** Returns the meaning of an image; throws as {@link Layout#place}. */
    public Place place(ArchivePath file) {
        return file.isBelow(root) ? layout.place(file.without(root.size())) : layout.placeOutsideRoot(file);
    }
}
