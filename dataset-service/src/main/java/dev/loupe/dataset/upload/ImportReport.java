package dev.loupe.dataset.upload;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.Split;
import dev.loupe.dataset.image.Image;
import dev.loupe.dataset.image.Images;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an upload of many files did.
 *
 * @param format format of the archive; {@code FILES} for a form
 * @param root folders that enclose all images and have no meaning; empty if there are none
 * @param description how the files were interpreted
 * @param added number of images that are new in the project
 * @param existing number of files whose image already existed in the project, or that were uploaded twice
 * @param changed number of existing images whose label, split or mask the upload changed
 * @param counts number of the upload's images, as they are stored now
 * @param refused number of refused files
 * @param refusedByCode the same by error code
 * @param conflicts number of files that contradict their stored image
 * @param ignored number of files that are not images
 * @param warnings possible mistakes in the upload
 */
record ImportReport(
        String format,
        String root,
        String description,
        int added,
        int existing,
        int changed,
        Counts counts,
        int refused,
        Map<String, Integer> refusedByCode,
        int conflicts,
        int ignored,
        List<Warning> warnings) {
    ImportReport {
        refusedByCode = Map.copyOf(refusedByCode);
        warnings = List.copyOf(warnings);
    }

    /**
     * Numbers of images, each counted once.
     *
     * @param labels by label
     * @param splits by split; a freeze assigns a split to {@code UNASSIGNED} images
     * @param bySplit by split and label; {@code UNLABELLED} images have no label
     */
    record Counts(Map<String, Integer> labels, Map<String, Integer> splits, Map<String, Map<String, Integer>> bySplit) {
        static Counts empty() {
            return new Counts(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
        }

        static Counts of(List<Image> images) {
            Counts counts = Counts.empty();
            images.forEach(image -> counts.add(image.label(), image.split()));
            return counts;
        }

        void add(String label, Split assigned) {
            String split = assigned == null ? Images.UNASSIGNED : assigned.name();
            if (label != null) {
                labels.merge(label, 1, Integer::sum);
            }
            splits.merge(split, 1, Integer::sum);
            bySplit.computeIfAbsent(split, _ -> new TreeMap<>())
                    .merge(label == null ? Images.UNLABELLED : label, 1, Integer::sum);
        }
    }

    /**
     * A refused file.
     *
     * @param name name in the upload; invisible characters are escaped
     * @param code error code
     * @param reason reason for people
     */
    record Refusal(String name, String code, String reason) {}

    /**
     * A file that contradicts its stored image.
     *
     * @param name name of the file
     * @param sha256 digest of the image
     * @param given values of the file
     * @param stored stored values
     */
    record Conflict(String name, String sha256, Assignment given, Assignment stored) {}

    /** Label, defect, split and product of an image; each is absent if unspecified. */
    @JsonInclude(Include.NON_NULL)
    record Assignment(String label, String defect, Split split, String product) {
        static Assignment of(Image image) {
            return new Assignment(image.label(), image.defect(), image.split(), image.product());
        }
    }

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
