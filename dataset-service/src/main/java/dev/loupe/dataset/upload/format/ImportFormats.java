package dev.loupe.dataset.upload.format;

import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The supported formats of archives. */
public final class ImportFormats {
    /** All formats, the most specific one first. */
    private static final List<ImportFormat> ALL = List.of(
            new MvtecFormat(),
            new TrainTestFormat(),
            new ClassTrainTestFormat(),
            new ClassFoldersFormat(),
            new FilesFormat());

    private ImportFormats() {}

    /** Describes the formats that a task supports, for people whose images have another one. */
    public static String expected(Task task) {
        return switch (task) {
            case CLASSIFICATION ->
                "expected one folder per class (cat/1.jpg, dog/2.jpg), or train/CLASS/ and test/CLASS/;"
                        + " or give all images one label with 'label'";
            case ANOMALY_DETECTION ->
                "expected folders 'good' and one per kind of defect (good/1.png, scratch/2.png), or train/good/,"
                        + " test/good/, test/DEFECT/ and masks in ground_truth/DEFECT/;"
                        + " or give all images one label with 'label' (normal or abnormal)";
        };
    }

    /**
     * Detects the format of an archive.
     *
     * @param label label that the request gives to all images; {@link Annotation#NONE}: the archive determines it
     * @throws ServiceException {@code ARCHIVE_LAYOUT_UNSUPPORTED} if the images cannot be those of one project; {@code
     *     LABEL_INVALID} if the request specifies a label and the images are in several folders
     */
    public static DetectedFormat detect(Task task, Annotation label, ArchiveFiles files) {
        return detect(ALL, task, label, files);
    }

    static DetectedFormat detect(List<ImportFormat> formats, Task task, Annotation label, ArchiveFiles files) {
        if (label.label() != null) {
            requireOneFolder(label, files.images().folders().keySet());
            return FilesFormat.withLabel(label);
        }
        for (ImportFormat format : formats) {
            Optional<Layout> layout = format.detect(task, files);
            if (layout.isPresent()) {
                return new DetectedFormat(format.name(), files.images().root(), layout.get());
            }
        }
        throw new IllegalStateException("every archive has files or folders");
    }

    private static void requireOneFolder(Annotation label, Set<String> folders) {
        if (folders.size() > 1) {
            throw new ServiceException(
                    ErrorCode.LABEL_INVALID,
                    "label '%s': expected images in one folder or none, got several folders (%s)"
                            .formatted(
                                    label.label(),
                                    String.join(", ", folders.stream().limit(10).toList())));
        }
    }
}
