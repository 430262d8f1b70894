package dev.loupe.contracts.dataset;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import java.util.List;

/**
 * The document of a frozen dataset version, written once by dataset-service and read by trainers. The SHA-256 of its
 * bytes is the version's digest.
 *
 * @param format version of the document format, 1
 * @param projectId UUID of the project
 * @param projectName name of the project
 * @param task task of the project
 * @param versionId UUID of the dataset version
 * @param number number of the version within its project, from 1
 * @param seed seed of the split
 * @param bucket bucket of the images
 * @param classes labels of a classification project, sorted; {@code [normal, abnormal]} for anomaly detection
 * @param testDigest SHA-256 of the TEST images' digests and labels
 * @param images sorted by sha256
 */
public record DatasetManifest(
        int format,
        String projectId,
        String projectName,
        Task task,
        String versionId,
        int number,
        long seed,
        String bucket,
        List<String> classes,
        String testDigest,
        List<Entry> images) {

    /** Version of the document format that this code writes. */
    public static final int FORMAT = 1;

    /** Label of normal images in an anomaly detection project. */
    public static final String NORMAL = "normal";

    /** Label of abnormal images in an anomaly detection project. */
    public static final String ABNORMAL = "abnormal";

    public DatasetManifest {
        if (format != FORMAT) {
            throw new IllegalArgumentException("dataset manifest: expected format " + FORMAT + ", got " + format);
        }
        classes = List.copyOf(classes);
        images = List.copyOf(images);
    }

    /**
     * One image of the version.
     *
     * @param sha256 digest of the encoded bytes, lower-case hexadecimal
     * @param key object key of the encoded bytes in the manifest's bucket
     * @param size size of the encoded bytes
     * @param name name of the uploaded file, for people
     * @param label one of the manifest's classes
     * @param split what it is used for
     * @param width pixels, after EXIF orientation
     * @param height pixels, after EXIF orientation
     * @param defect kind of defect of an abnormal image, null if none
     * @param maskKey object key of a mask of its defects, in any format that images have: a pixel is defective if it is not
     *     black. Its last segment is the digest of the mask. Null if there is none
     * @param product product that it shows, null if none is known
     */
    @JsonInclude(Include.NON_NULL)
    public record Entry(
            String sha256,
            String key,
            long size,
            String name,
            String label,
            Split split,
            int width,
            int height,
            String defect,
            String maskKey,
            String product) {
        /** An image without a product. */
        public Entry(
                String sha256,
                String key,
                long size,
                String name,
                String label,
                Split split,
                int width,
                int height,
                String defect,
                String maskKey) {
            this(sha256, key, size, name, label, split, width, height, defect, maskKey, null);
        }
    }
}
