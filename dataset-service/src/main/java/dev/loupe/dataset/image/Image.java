package dev.loupe.dataset.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.Split;
import dev.loupe.contracts.dataset.DatasetManifest;
import java.time.Instant;

/**
 * An image of a project. Its name is its content: the same bytes are the same image.
 *
 * @param sha256 of the encoded bytes, lower-case hexadecimal
 * @param name file name that it came with, for people
 * @param size of the encoded bytes
 * @param format of the encoded bytes: {@code JPEG}, {@code PNG}, {@code WEBP}, {@code BMP}, {@code TIFF}
 * @param width pixels, after EXIF orientation
 * @param height pixels, after EXIF orientation
 * @param label what it shows, absent if it has no label
 * @param defect kind of defect of an abnormal image, absent if none is known
 * @param split that was given to it, absent if a freeze is to choose
 * @param maskSha256 digest of the defect mask of an abnormal image, absent if there is none
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

    /**
     * As clients and manifests see it. A row keeps the kind of defect and the mask while its image is labelled {@code
     * normal}, and has them again when it is labelled {@code abnormal} again: only an abnormal image shows them.
     */
    Image shown() {
        if (DatasetManifest.ABNORMAL.equals(label) || defect == null && maskSha256 == null) {
            return this;
        }
        return new Image(sha256, name, size, format, width, height, label, null, split, null, createdAt);
    }
}
