package dev.loupe.dataset.image;

import dev.loupe.contracts.Split;
import dev.loupe.dataset.project.Project;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.PageRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;

/** The images of the projects in the database. Whoever adds one has its object stored and verified before. */
@ApplicationScoped
public class Images {
    /** Key of the images without a split of their own in {@link Counts#bySplit()}. */
    public static final String UNASSIGNED = "UNASSIGNED";
    /** Stands for the label of images without one in counts. */
    public static final String UNLABELLED = "UNLABELLED";

    static final RowMapper<Image> IMAGE = (rs, _) -> new Image(
            rs.getString("sha256"),
            rs.getString("name"),
            rs.getLong("size"),
            rs.getString("format"),
            rs.getInt("width"),
            rs.getInt("height"),
            rs.getString("label"),
            rs.getString("defect"),
            Optional.ofNullable(rs.getString("split")).map(Split::valueOf).orElse(null),
            rs.getString("mask_sha256"),
            rs.getObject("created_at", OffsetDateTime.class).toInstant());

    private final Jdbi jdbi;

    /**
     * How many images a project has.
     *
     * @param images all of them
     * @param unlabelled those without a label
     * @param bySplit those with one: split (or {@link #UNASSIGNED}), label, number
     */
    public record Counts(int images, int unlabelled, Map<String, Map<String, Integer>> bySplit) {}

    /**
     * How often the bytes of a project's images came again with something else said of them.
     *
     * @param labels images that came with another label
     * @param splits images that came in another split
     */
    public record Contradictions(int labels, int splits) {}

    Images(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** The image; {@code IMAGE_NOT_FOUND} if the project has none of this digest. */
    public Image require(Project project, String sha256) {
        return require(project, sha256, "");
    }

    /** The same; others that lock it wait until this transaction ends. */
    @Transactional(TxType.MANDATORY)
    Image lock(Project project, String sha256) {
        return require(project, sha256, " for no key update");
    }

    private Image require(Project project, String sha256, String lock) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select * from image where project_id = :project and sha256 = :sha256" + lock)
                .bind("project", project.id())
                .bind("sha256", sha256)
                .map(IMAGE)
                .findOne()
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.IMAGE_NOT_FOUND, "project '" + project.name() + "' has no image '" + sha256 + "'")));
    }

    /** All images that have a label, by digest. */
    public List<Image> labelled(Project project) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select * from image where project_id = :project and label is not null order by sha256")
                .bind("project", project.id())
                .setFetchSize(5_000)
                .map(IMAGE)
                .list());
    }

    List<Image> list(Project project, String label, String split, PageRequest page) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from image
                        where project_id = :project and sha256 > :after
                          and (:label::text is null or label = :label)
                          and (:split::text is null or coalesce(split, :unassigned) = :split)
                        order by sha256 limit :limit""")
                .bind("project", project.id())
                .bind("after", page.after())
                .bind("label", label)
                .bind("split", split)
                .bind("unassigned", UNASSIGNED)
                .bind("limit", page.limit() + 1)
                .map(IMAGE)
                .list());
    }

    public Counts count(Project project) {
        Map<String, Map<String, Integer>> bySplit = new LinkedHashMap<>();
        int[] images = new int[2];
        jdbi.useHandle(handle -> handle.createQuery("""
                        select split, label, count(*) as images
                        from image where project_id = :project group by split, label
                        order by array_position(array['TRAIN', 'DEV', 'TEST'], split), label""")
                .bind("project", project.id())
                .map((rs, _) -> {
                    images[0] += rs.getInt("images");
                    if (rs.getString("label") == null) {
                        images[1] += rs.getInt("images");
                    } else {
                        bySplit.computeIfAbsent(
                                        Objects.requireNonNullElse(rs.getString("split"), UNASSIGNED),
                                        _ -> new TreeMap<>())
                                .put(rs.getString("label"), rs.getInt("images"));
                    }
                    return 0;
                })
                .list());
        return new Counts(images[0], images[1], bySplit);
    }

    public Contradictions contradictions(Project project) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select count(distinct c.sha256) filter (where c.label <> i.label) as labels,
                               count(distinct c.sha256) filter (where c.split <> i.split) as splits
                        from contradiction c join image i using (project_id, sha256)
                        where project_id = :project""")
                .bind("project", project.id())
                .map((rs, _) -> new Contradictions(rs.getInt("labels"), rs.getInt("splits")))
                .one());
    }

    /** Says anew what an image shows and what it is for; earlier contradictions are settled by it. */
    @Transactional(TxType.MANDATORY)
    void update(Project project, Image image) {
        jdbi.useHandle(handle -> {
            handle.createUpdate("""
                            update image set label = :label, defect = :defect, split = :split
                            where project_id = :project and sha256 = :sha256""")
                    .bind("label", image.label())
                    .bind("defect", image.defect())
                    .bind("split", image.split() == null ? null : image.split().name())
                    .bind("project", project.id())
                    .bind("sha256", image.sha256())
                    .execute();
            handle.createUpdate("delete from contradiction where project_id = :project and sha256 = :sha256")
                    .bind("project", project.id())
                    .bind("sha256", image.sha256())
                    .execute();
        });
    }

    /** Takes an image out of its project; frozen versions that have it keep it. */
    @Transactional(TxType.MANDATORY)
    void delete(Project project, Image image) {
        jdbi.useHandle(
                handle -> handle.createUpdate("delete from image where project_id = :project and sha256 = :sha256")
                        .bind("project", project.id())
                        .bind("sha256", image.sha256())
                        .execute());
    }
}
