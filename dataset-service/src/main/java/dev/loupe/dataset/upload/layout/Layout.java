package dev.loupe.dataset.upload.layout;

import dev.loupe.contracts.Task;
import java.util.Optional;

/** What the folders of an archive mean. One class for each way of arranging images. */
public interface Layout {
    /** Name of a layout in reports. */
    enum Kind {
        /** Single files: folders say nothing. */
        FILES,
        /** One folder per class. */
        CLASS_FOLDERS,
        /** {@code train/CLASS} and {@code test/CLASS}. */
        TRAIN_TEST,
        /** {@code CLASS/train} and {@code CLASS/test}. */
        CLASS_TRAIN_TEST,
        /** {@code train/good}, {@code test/DEFECT} and {@code ground_truth/DEFECT}, as MVTec AD has it. */
        MVTEC
    }

    Kind kind();

    /** What goes where, in a sentence's part. */
    String description();

    /**
     * What this file is.
     *
     * @param file below the root
     * @throws dev.loupe.service.error.ServiceException {@code LABEL_INVALID} or {@code ARCHIVE_ENTRY_REFUSED} if its
     *     place means nothing
     */
    Place place(ArchivePath file);

    /** Finds out whether images are arranged in one way. */
    @FunctionalInterface
    interface Format {
        /** The layout, empty if the images are arranged in another way. */
        Optional<Layout> inspect(Task task, Tree tree);
    }
}
