package dev.loupe.dataset.upload.layout;

import dev.loupe.contracts.Task;
import java.util.Optional;

/** The meaning of the folders of an archive. There is one implementation for each way of arranging images. */
public interface Layout {
    /** Kind of a layout, for reports. */
    enum Kind {
        /** Single files: folders have no meaning. */
        FILES,
        /** One folder per class. */
        CLASS_FOLDERS,
        /** {@code train/CLASS} and {@code test/CLASS}. */
        TRAIN_TEST,
        /** {@code CLASS/train} and {@code CLASS/test}. */
        CLASS_TRAIN_TEST,
        /** {@code train/good}, {@code test/DEFECT} and {@code ground_truth/DEFECT}, as in MVTec AD. */
        MVTEC
    }

    Kind kind();

    /** Describes which folders contain what, as a part of a sentence. */
    String description();

    /**
     * Returns the place of this file in the layout.
     *
     * @param file path below the root
     * @throws dev.loupe.service.error.ServiceException {@code LABEL_INVALID} or {@code ARCHIVE_ENTRY_REFUSED} if its
     *     path has no meaning in this layout
     */
    Place place(ArchivePath file);

    /** Detects one layout. */
    @FunctionalInterface
    interface Format {
        /** Returns the layout; empty if the images are arranged in another way. */
        Optional<Layout> inspect(Task task, Tree tree);
    }
}
