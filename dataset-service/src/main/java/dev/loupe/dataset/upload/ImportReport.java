package dev.loupe.dataset.upload;

import java.util.List;
import java.util.Map;

/**
 * What became of an upload of many files.
 *
 * @param accepted pictures that are new in the project
 * @param duplicates pictures that it had already, or that came twice
 * @param rejected files that were left out, each with its reason
 * @param labels how many of the accepted and duplicate pictures came with which label
 * @param splits how many of them came with which split; {@code UNASSIGNED} ones get theirs at the freeze
 * @param layout how the files were arranged
 */
record ImportReport(
        int accepted,
        int duplicates,
        List<Rejected> rejected,
        Map<String, Integer> labels,
        Map<String, Integer> splits,
        Layout layout) {
    ImportReport {
        rejected = List.copyOf(rejected);
    }

    /** How the files of an upload were arranged. */
    enum Layout {
        /** Single files, no folders. */
        FILES,
        /** One folder per class. */
        CLASS_FOLDERS,
        /** {@code train/CLASS} and {@code test/CLASS}. */
        TRAIN_TEST,
        /** {@code train/good}, {@code test/DEFECT} and {@code ground_truth/DEFECT}, as MVTec AD has it. */
        MVTEC
    }

    /**
     * A file that was left out.
     *
     * @param name in the upload; characters that can't be seen are spelled out
     * @param code an error code
     * @param reason for people
     */
    record Rejected(String name, String code, String reason) {}
}
