package dev.loupe.training.extension;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A request to extend the memory of a model.
 *
 * @param datasetVersion number of the dataset version with the images; null: the newest
 * @param images SHA-256 of normal TRAIN images of that version; null: all that the model has not learned from
 * @param priority -100..100; null: {@value #DEFAULT_PRIORITY}
 */
record NewExtension(
        @Schema(minimum = "1") Integer datasetVersion,

        @Schema(minItems = 1, maxItems = NewExtension.MAX_IMAGES)
        List<String> images,

        @Schema(minimum = "-100", maximum = "100", defaultValue = "10")
        Integer priority) {
    /** Most images of an extension: with more, a training is better. */
    static final int MAX_IMAGES = 1000;
    /** Above that of trainings, because an extension is short. */
    static final int DEFAULT_PRIORITY = 10;

    NewExtension {
        Fields.atLeast("datasetVersion", datasetVersion, 1);
        Fields.within("priority", priority, -100, 100);
        priority = priority == null ? DEFAULT_PRIORITY : priority;
        if (images != null) {
            images = images.stream().distinct().toList();
            if (images.isEmpty() || images.size() > MAX_IMAGES) {
                throw new ServiceException(
                        ErrorCode.INVALID_REQUEST,
                        "images: expected 1 to %d, got %d".formatted(MAX_IMAGES, images.size()));
            }
            for (String image : images) {
                if (image == null || !image.matches("[0-9a-f]{64}")) {
                    throw new ServiceException(
                            ErrorCode.INVALID_REQUEST,
                            "images: expected SHA-256 digests in lower-case hexadecimal, got "
                                    + QuotedInput.of(String.valueOf(image)));
                }
            }
        }
    }
}
