package dev.loupe.vision.training;

import dev.loupe.contracts.Split;
import dev.loupe.imaging.ImageDecoder;
import dev.loupe.imaging.ImageInspection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A labelled image file.
 *
 * @param id id that is unique in the job: messages, test predictions and parity samples refer to the image by it
 * @param file file with the encoded image
 * @param label one of the job's labels
 * @param split what it is used for
 * @param defect kind of defect of an abnormal image, null if none
 * @param mask file with the encoded mask of its defects, null if there is none
 * @param product product that it shows, null if none is known
 */
public record TrainingImage(String id, Path file, String label, Split split, String defect, Path mask, String product) {
    public TrainingImage {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(split, "split");
    }

    /** An image without a product. */
    public TrainingImage(String id, Path file, String label, Split split, String defect, Path mask) {
        this(id, file, label, split, defect, mask, null);
    }

    /** An image without a kind of defect, a mask and a product. */
    public TrainingImage(String id, Path file, String label, Split split) {
        this(id, file, label, split, null, null);
    }

    /**
     * What its file says of it, without decoding it.
     *
     * @throws UncheckedIOException if the file can't be read; the message names the image
     */
    public ImageInspection header() {
        try {
            return ImageDecoder.header(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException("image '" + id + "': " + e.getMessage(), e);
        }
    }

    /** The same image of a product. */
    public TrainingImage of(String itsProduct) {
        return new TrainingImage(id, file, label, split, defect, mask, itsProduct);
    }

    /** The same image in another split. */
    public TrainingImage in(Split other) {
        return new TrainingImage(id, file, label, other, defect, mask, product);
    }
}
