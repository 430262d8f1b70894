package dev.loupe.dataset.upload.layout;

import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.util.List;

/**
 * How the images of an archive are arranged.
 *
 * @param layout meaning of the folders
 * @param root enclosing folders, which have no meaning
 */
public record Arrangement(Layout layout, List<String> root) {
    private static final List<Layout.Format> FORMATS = List.of(
            MvtecLayout::inspect,
            TrainTestLayout::inspect,
            ClassTrainTestLayout::inspect,
            ClassFoldersLayout::inspect,
            FilesLayout::inspect);

    /** Describes the layouts that a task supports, for people whose images have another layout. */
    public static String expected(Task task) {
        return switch (task) {
            case CLASSIFICATION ->
                "expected one folder per class (cat/1.jpg, dog/2.jpg), or train/CLASS/ and test/CLASS/;"
                        + " or say the one label of all images with 'label'";
            case ANOMALY_DETECTION ->
                "expected folders 'good' and one per kind of defect (good/1.png, scratch/2.png), or train/good/,"
                        + " test/good/, test/DEFECT/ and masks in ground_truth/DEFECT/;"
                        + " or say the one label of all images with 'label' (normal or abnormal)";
        };
    }

    public Arrangement {
        root = List.copyOf(root);
    }

    /**
     * Detects how images are arranged.
     *
     * @param label label that the request gives to all images; {@link Annotation#NONE}: the folders determine it
     * @throws ServiceException {@code ARCHIVE_LAYOUT_UNSUPPORTED} if the images cannot be arranged as one project;
     *     {@code LABEL_INVALID} if the request specifies a label and the folders specify several
     */
    public static Arrangement of(Task task, Annotation label, List<ArchivePath> images) {
        Tree tree = Tree.of(images);
        if (label.label() != null) {
            if (tree.folders().size() > 1) {
                throw new ServiceException(
                        ErrorCode.LABEL_INVALID,
                        "label '" + label.label() + "': the archive has several folders ("
                                + String.join(
                                        ", ",
                                        tree.folders().keySet().stream()
                                                .limit(10)
                                                .toList())
                                + "), which say the labels; a label is for images in one folder or none");
            }
            return new Arrangement(new FilesLayout(label), List.of());
        }
        return FORMATS.stream()
                .flatMap(format -> format.inspect(task, tree).stream())
                .findFirst()
                .map(layout -> new Arrangement(layout, tree.root()))
                .orElseThrow(); // at least one of files and folders exists
    }

    /** Returns the place of this file in the layout. */
    public Place place(ArchivePath file) {
        if (layout instanceof FilesLayout || file.isBelow(root)) {
            return layout.place(file.without(layout instanceof FilesLayout ? 0 : root.size()));
        }
        return switch (layout.kind()) {
            case FILES, CLASS_FOLDERS -> new Place.OfImage(Annotation.NONE, null, null);
            case TRAIN_TEST, CLASS_TRAIN_TEST, MVTEC -> throw TrainTestLayout.unplaced();
        };
    }
}
