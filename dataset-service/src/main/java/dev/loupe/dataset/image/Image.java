package dev.loupe.dataset.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.Split;
import dev.loupe.contracts.dataset.DatasetManifest;
import java.time.Instant;

/**
 * An image of a project. It is identified by its content: the same bytes are the same image.
 *
 * @param sha256 digest of the encoded bytes, lower-case hexadecimal
 * @param name name of the uploaded file, for people
 * @param size number of encoded bytes
 * @param format of the encoded bytes: {@code JPEG}, {@code PNG}, {@code WEBP}, {@code BMP}, {@code TIFF}
 * @param width pixels, after EXIF orientation
 * @param height pixels, after EXIF orientation
 * @param label label of the image, absent if it has none
 * @param defect kind of defect of an abnormal image, absent if none is known
 * @param split assigned split, absent if a freeze chooses it
 * @param maskSha256 digest of the defect mask of an abnormal image, absent if there is none
 * @param createdAt when it was added; null while it is not stored
 * @param product product that it shows, absent if none is known
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
        Instant createdAt,
        String product) {

    /**
     * The image as clients and manifests see it. The database keeps the kind of defect and the mask even while the
     * image is labelled {@code normal}, and they apply again if it is relabelled {@code abnormal}; they are visible on
     * abnormal images only.
     */
    Image shown() {
        if (DatasetManifest.ABNORMAL.equals(label) || defect == null && maskSha256 == null) {
            return this;
        }
        return new Image(sha256, name, size, format, width, height, label, null, split, null, createdAt, product);
    }
}
