package dev.loupe.dataset.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.Split;
import dev.loupe.dataset.label.Annotation;
import java.time.Instant;

/**
 * A picture of a project. Its name is its content: the same bytes are the same image.
 *
 * @param sha256 of the encoded bytes, lower-case hexadecimal
 * @param name file name that it came with, for people
 * @param size of the encoded bytes
 * @param format of the encoded bytes: {@code JPEG}, {@code PNG}, {@code WEBP}, {@code BMP}, {@code TIFF}
 * @param width pixels, after EXIF orientation
 * @param height pixels, after EXIF orientation
 * @param label what it shows, absent if nobody said
 * @param defect kind of defect that an import named, absent if none
 * @param split that was given to it, absent if a freeze is to choose
 * @param maskSha256 digest of its defect mask, absent if there is none
 * @param createdAt when it came; null while it is not stored
 */
@JsonInclude(Include.NON_NULL)
public record Image(
        String sha256,
        String name,
        long size,
        String format,
        int width,
        int height,
        String label,
        String defect,
        Split split,
        String maskSha256,
        Instant createdAt) {

    Image with(Annotation annotation, Split other) {
        return new Image(
                sha256,
                name,
                size,
                format,
                width,
                height,
                annotation.label(),
                annotation.defect(),
                other,
                maskSha256,
                createdAt);
    }
}
