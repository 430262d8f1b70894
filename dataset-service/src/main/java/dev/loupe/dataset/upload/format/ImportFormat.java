package dev.loupe.dataset.upload.format;

import dev.loupe.contracts.Task;
import java.util.Optional;

/**
 * A format of archives: it says which label, split and mask each image has. To add a format, implement this interface
 * and add the class to {@link ImportFormats}.
 */
public interface ImportFormat {
    /** Name of the format in the API, in upper case. */
    String name();

    /**
     * Detects the format.
     *
     * @return the meaning of the archive's images; empty if the archive has another format
     * @throws dev.loupe.service.error.ServiceException {@code ARCHIVE_LAYOUT_UNSUPPORTED} if it has this format, but
     *     its images cannot be those of one project
     */
    Optional<Layout> detect(Task task, ArchiveFiles files);
}
