package dev.loupe.dataset.upload.format;

import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;

/** The folder of a product, directly within that of a label. */
final class ProductFolder {
    private ProductFolder() {}

    /**
     * The product of an image of an anomaly detection project; null for an image directly in the folder of its label.
     *
     * @param file path that begins with the label
     * @throws dev.loupe.service.error.ServiceException {@code LABEL_INVALID} if no product can have this name
     */
    static String of(ArchivePath file) {
        return file.depth() > 1
                ? Annotation.product(Task.ANOMALY_DETECTION, file.segments().get(1))
                : null;
    }
}
