package dev.loupe.dataset.upload.format;

/** The meaning of the images of one archive. */
public interface Layout {
    /** Describes for people where labels, splits and masks come from. */
    String description();

    /**
     * Returns the meaning of an image.
     *
     * @param file path below the root of the archive's images
     * @throws dev.loupe.service.error.ServiceException {@code LABEL_INVALID} or {@code ARCHIVE_ENTRY_REFUSED} if it has
     *     none
     */
    Place place(ArchivePath file);

    /** Returns the meaning of an image outside the root; throws as {@link #place}. */
    Place placeOutsideRoot(ArchivePath file);

    /** Whether the archive determines labels; false if its images have no label or the label of the request. */
    default boolean hasLabels() {
        return true;
    }
}
