package dev.loupe.dataset.project;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;

/** What an overview shows of each project, and what a deletion takes along. */
@ApplicationScoped
class ProjectCards {
    private static final String NO_LABEL = "";

    private final Jdbi jdbi;

    /**
     * A project in an overview.
     *
     * @param images number of images
     * @param unlabelled number of images without a label
     * @param labels number of images by label
     * @param newestImage digest of the image that was added last, absent if there is none
     * @param lastVersion dataset version that was frozen last, absent if there is none
     */
    @JsonInclude(Include.NON_NULL)
    @Schema(name = "ProjectCard")
    public record Card(
            @JsonUnwrapped Project project,
            int images,
            int unlabelled,
            Map<String, Integer> labels,
            String newestImage,
            LastVersion lastVersion) {}

    /**
     * A dataset version in an overview.
     *
     * @param number number of the version
     * @param images number of its images
     * @param createdAt when it was frozen
     */
    public record LastVersion(int number, int images, Instant createdAt) {}

    /**
     * What a deletion of a project removes in this service. Its runs, models and aliases in the other services are
     * removed too.
     *
     * @param images number of images
     * @param labelled number of images with a label
     * @param imageBytes size of the images; images that other projects have too remain stored
     * @param deletedImages number of deleted images that could still be restored
     * @param datasetVersions number of dataset versions
     * @param unfinishedImports number of imports that wait or run
     */
    public record Preview(
            int images, int labelled, long imageBytes, int deletedImages, int datasetVersions, int unfinishedImports) {}

    /**
     * A project with its numbers of images. A freeze assigns a split to {@code UNASSIGNED} images.
     *
     * @param images number of all images
     * @param unlabelled number of images without a label
     * @param counts number of images with a label, by split (or {@code UNASSIGNED}) and label
     */
    @JsonInclude(Include.NON_NULL)
    @Schema(name = "ProjectDetails")
    public record Details(
            @JsonUnwrapped Project project, int images, int unlabelled, Map<String, Map<String, Integer>> counts) {}

    ProjectCards(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Returns a card for each of the projects, in the same order. */
    List<Card> of(List<Project> projects) {
        Map<UUID, TreeMap<String, Integer>> counts = new HashMap<>();
        Map<UUID, String> newest = new HashMap<>();
        Map<UUID, LastVersion> versions = new HashMap<>();
        jdbi.useHandle(handle -> {
            bind(handle.createQuery("""
                    select project_id, coalesce(label, '') as label, count(*) as images
                    from image where project_id = any(:ids) group by project_id, label"""), projects)
                    .map((rs, _) -> counts.computeIfAbsent(rs.getObject("project_id", UUID.class), _ -> new TreeMap<>())
                            .put(rs.getString("label"), rs.getInt("images")))
                    .list();
            bind(handle.createQuery("""
                    select id, (select sha256 from image where project_id = id order by created_at desc, sha256 desc limit 1)
                    from unnest(:ids) as p(id)"""), projects)
                    .map((rs, _) -> newest.put(rs.getObject("id", UUID.class), rs.getString("sha256")))
                    .list();
            bind(handle.createQuery("""
                    select distinct on (project_id) project_id, number, created_at,
                           (select sum(label.images::integer)
                            from jsonb_each(counts) as split(name, labels),
                                 jsonb_each_text(split.labels) as label(name, images)) as images
                    from dataset_version where project_id = any(:ids) order by project_id, number desc"""), projects)
                    .map((rs, _) -> versions.put(
                            rs.getObject("project_id", UUID.class),
                            new LastVersion(
                                    rs.getInt("number"),
                                    rs.getInt("images"),
                                    rs.getTimestamp("created_at").toInstant())))
                    .list();
        });
        return projects.stream()
                .map(project -> card(
                        project,
                        counts.getOrDefault(project.id(), new TreeMap<>()),
                        newest.get(project.id()),
                        versions.get(project.id())))
                .toList();
    }

    private static Card card(Project project, Map<String, Integer> labels, String newest, LastVersion version) {
        int images = labels.values().stream().mapToInt(Integer::intValue).sum();
        Integer unlabelled = labels.remove(NO_LABEL);
        return new Card(project, images, unlabelled == null ? 0 : unlabelled, labels, newest, version);
    }

    private static Query bind(Query query, List<Project> projects) {
        return query.bindArray(
                "ids", UUID.class, projects.stream().map(Project::id).toList());
    }

    Details details(Project project) {
        Map<String, Map<String, Integer>> counts = new LinkedHashMap<>();
        int[] images = new int[2];
        jdbi.useHandle(handle -> handle.createQuery("""
                        select coalesce(split, 'UNASSIGNED') as part, label, count(*) as images
                        from image where project_id = :project group by split, label
                        order by array_position(array['TRAIN', 'DEV', 'TEST'], split), label""")
                .bind("project", project.id())
                .map((rs, _) -> {
                    images[0] += rs.getInt("images");
                    if (rs.getString("label") == null) {
                        images[1] += rs.getInt("images");
                    } else {
                        counts.computeIfAbsent(rs.getString("part"), _ -> new TreeMap<>())
                                .put(rs.getString("label"), rs.getInt("images"));
                    }
                    return 0;
                })
                .list());
        return new Details(project, images[0], images[1], counts);
    }

    Preview preview(Project project) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select count(*) as images, count(label) as labelled, coalesce(sum(size), 0) as image_bytes,
                               (select count(*) from deleted_image where project_id = :project) as deleted_images,
                               (select count(*) from dataset_version where project_id = :project) as dataset_versions,
                               (select count(*) from image_import
                                where project_id = :project and state in ('QUEUED', 'RUNNING')) as unfinished_imports
                        from image where project_id = :project""")
                .bind("project", project.id())
                .mapTo(Preview.class)
                .one());
    }
}
