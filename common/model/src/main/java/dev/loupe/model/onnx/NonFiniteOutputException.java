package dev.loupe.model.onnx;

import java.util.List;

/** A model output NaN or infinity for an image: an error of this image, never a prediction. */
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

    /** Indices in the batch of the images without a prediction, ascending. */
    public List<Integer> images() {
        return images;
    }
}
