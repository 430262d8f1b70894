package dev.loupe.dataset.upload;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.Split;
import dev.loupe.dataset.upload.layout.Layout;
import java.util.List;
import java.util.Map;

/**
 * Result of an upload of many files. Counts cover all files; lists contain the first 1,000.
 *
 * @param accepted number of images that are new in the project
 * @param duplicates number of files whose image already existed in the project, or that were uploaded twice
 * @param changed number of existing images whose label, split or mask the upload changed
 * @param labels number of the upload's images by label, each image once, as they are stored now
 * @param splits the same by split; a freeze assigns a split to {@code UNASSIGNED} images
 * @param counts the same by split and label; {@code UNLABELLED} images have no label
 * @param layout how the files were arranged
 * @param root folders that enclose all images and have no meaning; empty if there are none
 * @param description how the folders were interpreted
 * @param rejected rejected files, each with its reason
 * @param rejectedCounts number of rejected files, by code
 * @param conflicts files that contradict their stored image
 * @param conflictCount number of such files
 * @param ignored files that are not images, such as texts and hidden files of operating systems
 * @param ignoredCount number of such files
 * @param warnings possible mistakes in the upload
 */
record ImportReport(
        int accepted,
        int duplicates,
        int changed,
        Map<String, Integer> labels,
        Map<String, Integer> splits,
        Map<String, Map<String, Integer>> counts,
        Layout.Kind layout,
        String root,
        String description,
        List<Rejected> rejected,
        Map<String, Integer> rejectedCounts,
        List<Conflict> conflicts,
        int conflictCount,
        List<String> ignored,
        int ignoredCount,
        List<Warning> warnings) {
    /** Most entries of each list. */
    static final int MAX_LISTED = 1_000;

    ImportReport {
        rejected = List.copyOf(rejected);
        conflicts = List.copyOf(conflicts);
        ignored = List.copyOf(ignored);
        warnings = List.copyOf(warnings);
    }

    /** Number of rejected files. */
    int rejections() {
        return rejectedCounts.values().stream().mapToInt(Integer::intValue).sum();
    }

    /**
     * A rejected file.
     *
     * @param name name in the upload; invisible characters are escaped
     * @param code error code
     * @param reason reason for people
     */
    record Rejected(String name, String code, String reason) {}

    /**
     * A file that contradicts its stored image.
     *
     * @param name name of the file
     * @param sha256 digest of the image
     * @param given values of the file
     * @param stored stored values
     */
    record Conflict(String name, String sha256, Said given, Said stored) {}

    /** Label, defect and split of an image; each is absent if unspecified. */
    @JsonInclude(Include.NON_NULL)
    record Said(String label, String defect, Split split) {}

    /**
     * A possible mistake in the upload.
     *
     * @param code code for machines
     * @param message message for people, with the figures
     */
    record Warning(Code code, String message) {
        enum Code {
            /** Images without a label. */
            UNLABELLED,
            /** All labelled images have the same label. */
            ONE_LABEL,
            /** A class has the name of a folder of masks. */
            MASKS_AS_IMAGES,
            /** A class has the name of a split. */
            SPLIT_AS_LABEL,
            /** Files that contradict their stored image. */
            CONFLICTS
        }
    }
}
