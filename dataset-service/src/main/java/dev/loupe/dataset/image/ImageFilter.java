package dev.loupe.dataset.image;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;

/**
 * Which images of a project are asked for: those that fit all that is said.
 *
 * @param label that they have, null for any
 * @param unlabelled only those without a label
 * @param defect kind of defect of abnormal images, null for any
 * @param split that they were given, or {@link Images#UNASSIGNED}; null for any
 * @param text part of the file name, whatever its case, or beginning of the digest; null for any
 */
record ImageFilter(String label, boolean unlabelled, String defect, String split, String text) {
    private static final int LONGEST_TEXT = 255;

    ImageFilter {
        Fields.atMost("label", label, LONGEST_TEXT);
        Fields.atMost("defect", defect, LONGEST_TEXT);
        Fields.atMost("text", text, LONGEST_TEXT);
        if (unlabelled && label != null) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST, "unlabelled: expected no 'label' beside it, got both");
        }
        SplitName.parse(split);
        split = split == null || split.isBlank() ? null : split;
    }
}
