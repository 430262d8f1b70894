package dev.loupe.vision.net;

import java.util.List;

/** A model gave NaN or infinity for an image: that is an error of this image, never an answer. */
public final class NonFiniteOutputException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final List<Integer> images;

    /**
     * @param message names the image, the output and the value
     * @param images indices in the batch of all images with such an output; the other images are not affected
     */
    public NonFiniteOutputException(String message, List<Integer> images) {
        super(message);
        this.images = List.copyOf(images);
    }

    /** Indices in the batch of the images that have no answer, ascending. */
    public List<Integer> images() {
        return images;
    }
}
