package dev.loupe.contracts.dataset;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import java.util.List;

/**
 * The document that a frozen dataset version is: written once by dataset-service, read by trainers. The sha256 of its
 * bytes is the version's digest.
 *
 * @param format version of this document's form, 1
 * @param projectId UUID of the project
 * @param projectName its name
 * @param task its task
 * @param versionId UUID of the dataset version
 * @param number of the version within its project, from 1
 * @param seed of the split
 * @param bucket where the images lie
 * @param classes labels of a classification project, sorted; {@code [normal, abnormal]} for anomaly detection
 * @param testDigest sha256 over the TEST images' digests and labels
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

    /** Version of the form that this code writes. */
    public static final int FORMAT = 1;

    /** Label of normal media in an anomaly detection project. */
    public static final String NORMAL = "normal";

    /** Label of abnormal media in an anomaly detection project. */
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
     * @param sha256 of the encoded bytes, lower-case hexadecimal
     * @param key object key of the encoded bytes in the manifest's bucket
     * @param size in bytes
     * @param name file name that it came with, for people
     * @param label one of the manifest's classes
     * @param split what it is used for
     * @param width pixels, after EXIF orientation
     * @param height pixels, after EXIF orientation
     * @param defect kind of defect that the import named (a folder's name), null if none
     * @param maskKey object key of a PNG mask (non-zero: defect), null if there is none
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
            String maskKey) {}
}
