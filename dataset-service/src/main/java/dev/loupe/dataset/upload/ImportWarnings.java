package dev.loupe.dataset.upload;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.dataset.upload.ImportReport.Warning;
import dev.loupe.dataset.upload.format.DetectedFormat;
import dev.loupe.dataset.upload.format.ImportFormats;
import dev.loupe.dataset.upload.format.SplitFolder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Detects possible mistakes in an upload. */
final class ImportWarnings {
    private static final Set<String> MASK_NAMES = Set.of(
            "ground_truth",
            "groundtruth",
            "gt",
            "mask",
            "masks",
            "annotation",
            "annotations",
            "segmentation",
            "segmentations",
            "labels");

    private final List<Warning> warnings = new ArrayList<>();

    private ImportWarnings() {}

    /**
     * Returns the warnings of an import.
     *
     * @param images the labels of the images, one for each
     * @param conflicts number of files that contradict their stored image
     */
    static List<Warning> of(Task task, DetectedFormat format, List<Annotation> images, int conflicts) {
        ImportWarnings found = new ImportWarnings();
        Map<String, Integer> labels = new TreeMap<>();
        Map<String, Integer> folders = new TreeMap<>();
        int unlabelled = 0;
        for (Annotation image : images) {
            if (image.label() == null) {
                unlabelled++;
            } else {
                labels.merge(image.label(), 1, Integer::sum);
                folders.merge(image.defect() == null ? image.label() : image.defect(), 1, Integer::sum);
            }
        }
        found.unlabelled(task, unlabelled, images.size());
        if (format.layout().hasLabels()) {
            found.oneLabel(task, labels, folders);
            folders.forEach(found::name);
        }
        if (conflicts > 0) {
            found.add(
                    Warning.Code.CONFLICTS,
                    "%d files have the bytes of a stored image with another label or split; the stored values remain (relabel=true replaces them)"
                            .formatted(conflicts));
        }
        return found.warnings;
    }

    private void add(Warning.Code code, String message) {
        warnings.add(new Warning(code, message));
    }

    private void unlabelled(Task task, int unlabelled, int all) {
        if (unlabelled > 0) {
            add(
                    Warning.Code.UNLABELLED,
                    "%d of %d images have no label: %s".formatted(unlabelled, all, ImportFormats.expected(task)));
        }
    }

    private void oneLabel(Task task, Map<String, Integer> labels, Map<String, Integer> folders) {
        if (labels.size() != 1) {
            return;
        }
        String label = labels.keySet().iterator().next();
        String hint = task == Task.ANOMALY_DETECTION && label.equals(DatasetManifest.ABNORMAL)
                ? " (folders: "
                        + String.join(", ", folders.keySet().stream().limit(10).toList())
                        + "); a folder of normal images is called good, ok or normal"
                : "";
        add(
                Warning.Code.ONE_LABEL,
                "all %d labelled images have the label '%s'%s".formatted(labels.get(label), label, hint));
    }

    private void name(String folder, int images) {
        if (MASK_NAMES.contains(folder.toLowerCase(Locale.ROOT))) {
            add(
                    Warning.Code.MASKS_AS_IMAGES,
                    "%d images of the folder '%s' got that label, but a folder of masks is usually named so"
                            .formatted(images, folder));
        } else if (SplitFolder.of(folder).isPresent()) {
            add(
                    Warning.Code.SPLIT_AS_LABEL,
                    "%d images of the folder '%s' got that label; a folder of a split contains one folder per label"
                            .formatted(images, folder));
        }
    }
}
