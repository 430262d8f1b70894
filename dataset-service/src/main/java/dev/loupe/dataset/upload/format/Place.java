package dev.loupe.dataset.upload.format;

import dev.loupe.contracts.Split;
import dev.loupe.dataset.label.Annotation;

/** The meaning of a file in an archive: an image or a mask. */
public sealed interface Place {
    /**
     * An image.
     *
     * @param annotation label and defect of the image
     * @param split assigned split, null if a freeze chooses it
     * @param maskKey key that the image shares with its masks, null if it has none
     * @param product product that it shows, null if none is known
     */
    record OfImage(Annotation annotation, Split split, String maskKey, String product) implements Place {
        /** An image whose product is not known. */
        public OfImage(Annotation annotation, Split split, String maskKey) {
            this(annotation, split, maskKey, null);
        }
    }

    /** A mask of the defects in the images with this key; an image may have several masks. */
    record OfMask(String imageKey) implements Place {}
}
