package dev.loupe.dataset.upload.layout;

import dev.loupe.contracts.Split;
import dev.loupe.dataset.label.Annotation;

/** What a file is, by its place. */
public sealed interface Place {
    /**
     * An image.
     *
     * @param annotation what it shows
     * @param split that it is given, null if a freeze is to choose
     * @param maskKey the same for its masks, null where there are none
     */
    record OfImage(Annotation annotation, Split split, String maskKey) implements Place {}

    /** A mask of the defects of the images with this key; an image may have several. */
    record OfMask(String imageKey) implements Place {}
}
