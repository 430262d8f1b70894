package dev.loupe.dataset.upload;

import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;

/**
 * What the request for an import says about its archive.
 *
 * @param label label that all images get, null if the archive determines it
 * @param relabel whether labels, splits and products of the archive replace the stored ones
 * @param products whether a folder within that of a label is a product; otherwise it has no meaning
 */
public record ImportOptions(String label, boolean relabel, boolean products) {
    /**
     * Options that suit the task.
     *
     * @throws ServiceException {@code LABEL_INVALID} if the task has no such label; {@code INVALID_REQUEST} if the folders
     *     can't be products
     */
    static ImportOptions of(Task task, String label, boolean relabel, boolean products) {
        if (products && task != Task.ANOMALY_DETECTION) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "products: expected false, because a classification project has no products");
        }
        String given = Annotation.ofLabel(task, label).label();
        if (products && given != null) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "products: expected no 'label' beside it, because products are folders within those of labels");
        }
        return new ImportOptions(given, relabel, products);
    }

    /** The label as an annotation. */
    Annotation annotation(Task task) {
        return Annotation.ofLabel(task, label);
    }
}
