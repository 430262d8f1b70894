package dev.loupe.dataset.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.Split;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.dataset.project.Project;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.PageRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/** Who changed the images of a project, and how. The statements that change images record it. */
@ApplicationScoped
class ImageHistory {
    private final Jdbi jdbi;

    /** Kind of change. */
    @Schema(name = "ImageHistoryChange")
    enum Change {
        ADDED,
        CHANGED,
        DELETED,
        RESTORED
    }

    /**
     * A change of an image.
     *
     * @param number position in the history, greater for later changes
     * @param at when it was made
     * @param actor who made it
     * @param label label after the change, absent if none
     * @param defect kind of defect after the change, absent if none
     * @param split split after the change, absent if none
     * @param product product after the change, absent if none
     */
    @JsonInclude(Include.NON_NULL)
    @Schema(name = "ImageHistoryEntry")
    public record Entry(
            long number,
            Instant at,
            String actor,
            Change change,
            String label,
            String defect,
            Split split,
            String product) {}

    ImageHistory(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Returns a statement that records a change, as part of the statement that makes it. It uses the parameter
     * {@code :actor}.
     *
     * @param images name of the common table expression of the changed rows
     */
    static String record(Change change, String images) {
        return """
                insert into image_history (project_id, sha256, actor, change, label, defect, split, product)
                select project_id, sha256, :actor, '%s', label, case when label = '%s' then defect end, split, product
                from %s""".formatted(change, DatasetManifest.ABNORMAL, images);
    }

    /** Lists the changes of an image, the newest first. An image that is deleted has a history too. */
    List<Entry> list(Project project, String sha256, PageRequest page) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from image_history
                        where project_id = :project and sha256 = :sha256 and number < :before
                        order by number desc limit :limit""")
                .bind("project", project.id())
                .bind("sha256", sha256)
                .bind("before", before(page))
                .bind("limit", page.limit() + 1)
                .map(ConstructorMapper.of(Entry.class))
                .list());
    }

    private static long before(PageRequest page) {
        try {
            return page.after().isEmpty() ? Long.MAX_VALUE : Long.parseLong(page.after());
        } catch (NumberFormatException e) {
            throw new ServiceException(ErrorCode.INVALID_CURSOR, "cursor: not one that an earlier page gave", e);
        }
    }
}
