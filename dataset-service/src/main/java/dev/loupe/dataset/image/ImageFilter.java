package dev.loupe.dataset.image;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;

/**
 * Filter of the images of a project: selects the images that match all of its conditions.
 *
 * @param label label of the images, null for any
 * @param unlabelled whether to select only images without a label
 * @param defect kind of defect of abnormal images, null for any
 * @param split assigned split, or {@link Images#UNASSIGNED}; null for any
 * @param text part of the file name, case-insensitive, or prefix of the digest; null for any
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
