package dev.loupe.dataset.image;

import dev.loupe.dataset.project.Project;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/** The images of the projects in the database. An image's object is stored and verified before the image is added. */
@ApplicationScoped
public class Images {
    /** Key of the images without an assigned split in counts. */
    public static final String UNASSIGNED = "UNASSIGNED";
    /** Key of the images without a label in counts. */
    public static final String UNLABELLED = "UNLABELLED";

    /** Maps a row of the table. */
    static final RowMapper<Image> ROW = ConstructorMapper.of(Image.class);

    static final RowMapper<Image> IMAGE = (rs, context) -> ROW.map(rs, context).shown();

    /** The values of label, defect, split and product after a change. */
    private static final String NEW_VALUES = """
            case when :labels then :label else label end,
            case when :defects then :defect else defect end,
            case when :splits then :split when :leavesTrain and split = 'TRAIN' then null else split end,
            case when :products then :product else product end""";

    private final Jdbi jdbi;

    /**
     * Numbers of a project's images that were uploaded more than once with contradicting values.
     *
     * @param labels number of images uploaded with different labels
     * @param splits number of images uploaded in different splits
     */
    public record LabelConflicts(int labels, int splits) {}

    Images(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Returns the image; throws {@code IMAGE_NOT_FOUND} if the project has no image with this digest. */
    public Image require(Project project, String sha256) {
        return find(project, sha256).orElseThrow(() -> notFound(project, sha256));
    }

    /**
     * Returns the size in bytes of an image that the project has, or that one of its dataset versions has kept.
     *
     * @throws ServiceException {@code IMAGE_NOT_FOUND}
     */
    public long requireKept(Project project, String sha256) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select size from image where project_id = :project and sha256 = :sha256
                        union all
                        select o.size from stored_object o
                        join version_object v on v.sha256 = o.sha256
                        join dataset_version d on d.id = v.version_id
                        where o.sha256 = :sha256 and d.project_id = :project limit 1""")
                .bind("project", project.id())
                .bind("sha256", sha256)
                .mapTo(Long.class)
                .findOne()
                .orElseThrow(() -> notFound(project, sha256)));
    }

    /** Some images of a project, always the same ones while it has them. Their digests make them a random sample. */
    public List<Image> sample(Project project, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select * from image where project_id = :project order by sha256 limit :limit")
                .bind("project", project.id())
                .bind("limit", limit)
                .map(IMAGE)
                .list());
    }

    Optional<Image> find(Project project, String sha256) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select * from image where project_id = :project and sha256 = :sha256")
                        .bind("project", project.id())
                        .bind("sha256", sha256)
                        .map(IMAGE)
                        .findOne());
    }

    /** Returns those of the digests that are images of the project. */
    public Set<String> present(Project project, Collection<String> digests) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select sha256 from image where project_id = :project and sha256 = any(:digests)")
                .bind("project", project.id())
                .bindArray("digests", String.class, digests)
                .mapTo(String.class)
                .set());
    }

    /** Locks images that match the conditions until the transaction ends; returns them, ordered by digest. */
    @Transactional(TxType.MANDATORY)
    List<Image> lock(ImageConditions conditions, int limit) {
        return jdbi.withHandle(handle -> conditions
                .bind(handle.createQuery(
                        "select * from image i where " + conditions.all() + " order by sha256 limit :limit for update"))
                .bind("limit", limit)
                .map(IMAGE)
                .list());
    }

    /** Locks these images until the transaction ends. Returns those that exist in the project, ordered by digest. */
    @Transactional(TxType.MANDATORY)
    List<Image> lock(Project project, Collection<String> digests) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from image where project_id = :project and sha256 = any(:digests)
                        order by sha256 for update""")
                .bind("project", project.id())
                .bindArray("digests", String.class, digests)
                .map(IMAGE)
                .list());
    }

    static ServiceException notFound(Project project, String sha256) {
        return new ServiceException(
                ErrorCode.IMAGE_NOT_FOUND, "project '" + project.name() + "' has no image " + QuotedInput.of(sha256));
    }

    /** Returns all images with a label, ordered by digest. */
    public List<Image> labelled(Project project) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select * from image where project_id = :project and label is not null order by sha256")
                .bind("project", project.id())
                .setFetchSize(5_000)
                .map(IMAGE)
                .list());
    }

    /** Counts the images of the project that have no label. */
    public int countUnlabelled(Project project) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select count(*) from image where project_id = :project and label is null")
                        .bind("project", project.id())
                        .mapTo(int.class)
                        .one());
    }

    public LabelConflicts labelConflicts(Project project) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select count(distinct c.sha256) filter (where c.label <> i.label) as labels,
                               count(distinct c.sha256) filter (where c.split <> i.split) as splits
                        from label_conflict c join image i using (project_id, sha256)
                        where project_id = :project""")
                .bind("project", project.id())
                .map(ConstructorMapper.of(LabelConflicts.class))
                .one());
    }

    /**
     * Changes labels, defects and splits of images, and resolves the conflicts of their uploads.
     *
     * @return the images that are different now
     */
    // No join of the table with itself: where statistics are missing, the planner may scan the project once for each
    // image.
    @Transactional(TxType.MANDATORY)
    List<Image> update(Project project, Collection<String> digests, ImageChange change, String actor) {
        return jdbi.withHandle(handle -> {
            handle.createUpdate("delete from label_conflict where project_id = :project and sha256 = any(:digests)")
                    .bind("project", project.id())
                    .bindArray("digests", String.class, digests)
                    .execute();
            return handle.createQuery(
                            """
                            with changed as (
                                update image set (label, defect, split, product) = (%1$s)
                                where project_id = :project and sha256 = any(:digests)
                                  and (label, defect, split, product) is distinct from (%1$s)
                                returning *),
                            history as (%2$s)
                            select * from changed""".formatted(NEW_VALUES, ImageHistory.record(ImageHistory.Change.CHANGED, "changed")))
                    .bind("labels", change.labels())
                    .bind("label", change.label())
                    .bind("defects", change.defects())
                    .bind("defect", change.defect())
                    .bind("splits", change.splits())
                    .bind(
                            "split",
                            change.split() == null ? null : change.split().name())
                    .bind("products", change.products())
                    .bind("product", change.product())
                    .bind("leavesTrain", change.leavesTrain())
                    .bind("project", project.id())
                    .bind("actor", actor)
                    .bindArray("digests", String.class, digests)
                    .map(IMAGE)
                    .list();
        });
    }
}
