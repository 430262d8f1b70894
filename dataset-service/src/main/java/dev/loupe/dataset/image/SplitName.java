package dev.loupe.dataset.image;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import java.util.Arrays;

/** Parses the name of a split in a request. */
public final class SplitName {
    private SplitName() {}

    /** Returns the split; null for null and for {@code UNASSIGNED}; throws {@code SPLIT_INVALID} for any other name. */
    static Split parse(String name) {
        if (name == null || name.isBlank() || name.equals(Images.UNASSIGNED)) {
            return null;
        }
        return Arrays.stream(Split.values())
                .filter(split -> split.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.SPLIT_INVALID,
                        "split: expected one of " + Arrays.toString(Split.values()) + " or " + Images.UNASSIGNED
                                + ", got " + QuotedInput.of(name)));
    }

    /**
     * Like {@link #parse(String)}, but throws {@code SPLIT_INVALID} if an image with this annotation cannot be in the
     * split.
     */
    public static Split parse(String name, Task task, Annotation annotation) {
        Split split = parse(name);
        if (split == Split.TRAIN && annotation.isAbnormalIn(task)) {
            throw new ServiceException(
                    ErrorCode.SPLIT_INVALID,
                    "split TRAIN: expected normal images only; an abnormal one is for DEV or TEST");
        }
        return split;
    }
}
