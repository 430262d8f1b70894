package dev.loupe.dataset.upload;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.service.error.ErrorCode;
import java.time.Instant;
import java.util.UUID;
import org.jdbi.v3.core.mapper.Nested;
import org.jdbi.v3.core.mapper.PropagateNull;
import org.jdbi.v3.json.Json;

/**
 * The import of an archive into a project.
 *
 * @param id id of the import
 * @param projectId id of the project
 * @param state QUEUED → RUNNING → SUCCEEDED | FAILED | CANCELLED; images are added only if it succeeds, all at once
 * @param label label that the request gives to all images; absent if the archive determines it
 * @param relabel whether labels, splits and products of the archive replace the stored ones
 * @param products whether a folder within that of a label is a product
 * @param sha256 digest of the archive
 * @param size size of the archive in bytes
 * @param progress images that were read, of those in the archive
 * @param interruptions how often the service ended while it ran the import; each time it was taken up again
 * @param report what the import did; absent unless it succeeded
 * @param reason why it failed, or why it is waiting to be retried
 * @param createdAt when the archive had arrived
 * @param startedAt when it ran first
 * @param finishedAt when it ended
 */
@JsonInclude(Include.NON_NULL)
public record ImageImport(
        UUID id,
        UUID projectId,
        State state,
        String label,
        boolean relabel,
        boolean products,
        String sha256,
        long size,
        @Nested Progress progress,
        int interruptions,
        @Json ImportReport report,
        @Nested("reason") Reason reason,
        Instant createdAt,
        Instant startedAt,
        Instant finishedAt) {
    /** State of an import. */
    public enum State {
        QUEUED,
        RUNNING,
        SUCCEEDED,
        FAILED,
        CANCELLED
    }

    /**
     * Images and masks that were read.
     *
     * @param done number of files that were read
     * @param total number of files; 0 until the archive was opened
     * @param bytesDone their unpacked bytes
     * @param bytesTotal unpacked bytes of all files
     */
    public record Progress(int done, int total, long bytesDone, long bytesTotal) {}

    /** Why an import failed or waits. */
    public record Reason(@PropagateNull ErrorCode code, String message) {}
}
