package dev.loupe.dataset.upload;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.Split;
import dev.loupe.dataset.upload.layout.Layout;
import java.util.List;
import java.util.Map;

/**
 * What became of an upload of many files. Counts are of all files, lists name the first 1,000.
 *
 * @param accepted images that are new in the project
 * @param duplicates files whose image the project had already, or that came twice
 * @param changed known images whose label, split or mask the upload changed
 * @param labels number of the upload's images by label, each image once, as they are stored now
 * @param splits the same by split; {@code UNASSIGNED} ones get theirs at the freeze
 * @param counts the same by split and label; {@code UNLABELLED} ones have none
 * @param layout how the files were arranged
 * @param root folders that enclose all images and say nothing; empty without
 * @param description what the folders were taken for
 * @param rejected files that were left out, each with its reason
 * @param rejectedCounts number of files that were left out, by code
 * @param conflicts files that say something else than what is stored of their image
 * @param conflictCount number of such files
 * @param ignored files that are no images: what operating systems leave in folders, texts
 * @param ignoredCount number of such files
 * @param warnings what may not be as it was meant
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

    /** Number of files that were left out. */
    int rejections() {
        return rejectedCounts.values().stream().mapToInt(Integer::intValue).sum();
    }

    /**
     * A file that was left out.
     *
     * @param name in the upload; invisible characters are spelled out
     * @param code an error code
     * @param reason for people
     */
    record Rejected(String name, String code, String reason) {}

    /**
     * A file that says something else of its image than what is stored.
     *
     * @param name of the file
     * @param sha256 of the image
     * @param given what the file says
     * @param stored what is stored
     */
    record Conflict(String name, String sha256, Said given, Said stored) {}

    /** What is said of an image; absent where nothing is. */
    @JsonInclude(Include.NON_NULL)
    record Said(String label, String defect, Split split) {}

    /**
     * What may not be as it was meant.
     *
     * @param code for machines
     * @param message for people, with the figures
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
            /** Files that say something else than what is stored. */
            CONFLICTS
        }
    }
}
