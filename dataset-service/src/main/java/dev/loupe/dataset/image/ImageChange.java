package dev.loupe.dataset.image;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.util.List;

/**
 * Changes to images; everything else remains unchanged.
 *
 * @param labels whether the label changes
 * @param label new label, null to remove it
 * @param defects whether the kind of defect changes
 * @param defect new kind of defect, null to remove it
 * @param splits whether the split changes
 * @param split new split, null to leave the choice to the next freeze
 * @param products whether the product changes
 * @param product new product, null to remove it
 * @param leavesTrain whether the images become abnormal, and so leave TRAIN
 */
record ImageChange(
        boolean labels,
        String label,
        boolean defects,
        String defect,
        boolean splits,
        Split split,
        boolean products,
        String product,
        boolean leavesTrain) {

    /**
     * Parses the change that a request asks for. Null means unchanged, a blank text means removed.
     *
     * @throws ServiceException if nothing changes, or the task has no such label, defect, split or product
     */
    static ImageChange of(Task task, String label, String split, String defect, String product) {
        if (label == null && split == null && defect == null && product == null) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "nothing to change: expected 'label', 'split', 'defect' or 'product', got none");
        }
        Annotation annotation = Annotation.ofLabel(task, label);
        String kind = defect == null || defect.isBlank() ? null : Annotation.defect(task, defect);
        return new ImageChange(
                label != null,
                annotation.label(),
                defect != null,
                kind,
                split != null,
                SplitName.parse(split, task, annotation),
                product != null,
                product == null || product.isBlank() ? null : Annotation.product(task, product),
                annotation.isAbnormalIn(task));
    }

    /** Throws if the change is not possible for one of the images. */
    void validate(Task task, List<Image> images) {
        for (Image image : images) {
            Annotation annotation = new Annotation(labels ? label : image.label(), null);
            if (split == Split.TRAIN && annotation.isAbnormalIn(task)) {
                throw new ServiceException(
                        ErrorCode.SPLIT_INVALID,
                        "image " + image.sha256() + ": split TRAIN: expected normal images only, this one is abnormal");
            }
            if (defect != null && !annotation.isAbnormalIn(task)) {
                throw new ServiceException(
                        ErrorCode.LABEL_INVALID,
                        "image " + image.sha256() + ": defect: expected an abnormal image, got label '"
                                + annotation.label() + "'");
            }
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        append(text, labels, "label", label);
        append(text, defects, "defect", defect);
        append(text, splits, "split", split == null ? Images.UNASSIGNED : split);
        append(text, products, "product", product);
        return text.toString();
    }

    private static void append(StringBuilder text, boolean changes, String name, Object value) {
        if (changes) {
            text.append(text.isEmpty() ? "" : ", ").append(name).append(' ').append(value);
        }
    }
}
