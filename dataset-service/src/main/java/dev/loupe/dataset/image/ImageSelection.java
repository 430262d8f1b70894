package dev.loupe.dataset.image;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import java.util.List;

/**
 * A selection of images of a project, for an operation on all of them: either their digests or a filter.
 *
 * @param images digests without repetitions, null if a filter selects
 * @param filter filter, null if digests select
 */
record ImageSelection(List<String> images, ImageFilter filter) {
    /** Most images of one operation, which is one transaction. */
    static final int MAX_IMAGES = 10_000;

    private static final int DIGEST_LENGTH = 64;

    ImageSelection {
        if ((images == null) == (filter == null)) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "expected either 'images' or 'filter', got " + (images == null ? "neither" : "both"));
        }
        if (images != null) {
            Fields.within("images: number", images.size(), 1, MAX_IMAGES);
            images.forEach(sha256 -> Fields.atMost("images", Fields.requirePresent("images", sha256), DIGEST_LENGTH));
            images = images.stream().distinct().toList();
        }
    }
}
