package dev.loupe.dataset.image;

import dev.loupe.contracts.Split;
import dev.loupe.dataset.image.ImageHistory.Change;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.dataset.limit.StorageLimits;
import dev.loupe.dataset.project.Project;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * Adds images to projects. The same bytes are one image of a project. A later file adds what is still missing (label,
 * split, mask); where it contradicts the stored image, the stored values remain and the conflict is recorded.
 */
@ApplicationScoped
public class ImageAdditions {
    /** Rows per statement. */
    private static final int CHUNK = 2_000;

    private final Jdbi jdbi;
    private final StorageLimits limits;

    /**
     * A file whose label, defect, split or mask contradicts the stored image.
     *
     * @param name name of the file
     * @param given values of the file
     * @param stored the stored image
     */
    public record Conflict(String name, Image given, Image stored) {}

    /**
     * Result of adding files.
     *
     * @param stored the images of the files, each once, as they are stored now
     * @param added number of images that are new in the project
     * @param changed number of known images whose label, split or mask the files changed
     * @param conflicts files that contradict their stored image
     */
    public record Result(List<Image> stored, int added, int changed, List<Conflict> conflicts) {
        public Result {
            stored = List.copyOf(stored);
            conflicts = List.copyOf(conflicts);
        }
    }

    ImageAdditions(Jdbi jdbi, StorageLimits limits) {
        this.limits = limits;
        this.jdbi = jdbi;
    }

    /**
     * Adds the images of some files, several of which may have the same bytes. The caller must have stored their
     * objects.
     *
     * @param relabel whether labels and splits of the files replace the stored ones
     * @param actor who adds them
     * @throws ServiceException {@code PROJECT_FULL}
     */
    @Transactional(TxType.MANDATORY)
    public Result add(Project project, List<Image> files, boolean relabel, String actor) {
        Map<String, Image> distinct = new TreeMap<>(); // all transactions lock rows in the same order: no deadlock
        for (Image file : files) {
            distinct.merge(file.sha256(), file, (first, later) -> merged(project, first, later, false));
        }
        List<Image> images = List.copyOf(distinct.values());
        limits.beforeAdding(project);
        return jdbi.withHandle(handle -> {
            Map<String, Image> stored = new TreeMap<>();
            int added = 0;
            int changed = 0;
            for (int start = 0; start < images.size(); start += CHUNK) {
                List<Image> chunk = images.subList(start, Math.min(start + CHUNK, images.size()));
                List<Image> fresh = insert(handle, project, chunk, actor);
                added += fresh.size();
                fresh.forEach(image -> stored.put(image.sha256(), image));
                List<Image> known = chunk.stream()
                        .filter(image -> !stored.containsKey(image.sha256()))
                        .toList();
                changed += update(handle, project, known, relabel, actor, stored);
            }
            if (added > 0) {
                limits.requireWithin(project);
            }
            List<Conflict> conflicts = conflicts(files, stored);
            if (relabel) {
                resolveConflicts(handle, project, files);
            }
            recordConflicts(handle, project, conflicts);
            return new Result(List.copyOf(stored.values()), added, changed, conflicts);
        });
    }

    private static List<Image> insert(Handle handle, Project project, List<Image> images, String actor) {
        return bind(handle.createQuery("""
                        with added as (
                            insert into image (project_id, sha256, name, size, format, width, height,
                                               label, defect, split, mask_sha256, product)
                            select :project, * from unnest(:sha256::text[], :name::text[], :size::bigint[],
                                :format::text[], :width::bigint[], :height::bigint[], :label::text[], :defect::text[],
                                :split::text[], :mask::text[], :product::text[])
                            on conflict do nothing returning *),
                        history as (%s)
                        select * from added""".formatted(ImageHistory.record(Change.ADDED, "added"))), project, images)
                .bind("actor", actor)
                .bind("name", texts(images, Image::name))
                .bind("format", texts(images, Image::format))
                .bind("size", numbers(images, Image::size))
                .bind("width", numbers(images, image -> (long) image.width()))
                .bind("height", numbers(images, image -> (long) image.height()))
                .map(Images.IMAGE)
                .list();
    }

    /** Merges images with the stored ones and puts the results into the map. Returns the number of changed images. */
    private static int update(
            Handle handle,
            Project project,
            List<Image> images,
            boolean relabel,
            String actor,
            Map<String, Image> stored) {
        if (images.isEmpty()) {
            return 0;
        }
        Map<String, Image> known = new TreeMap<>();
        handle.createQuery("""
                        select * from image where project_id = :project and sha256 = any(:sha256)
                        order by sha256 for update""")
                .bind("project", project.id())
                .bind("sha256", texts(images, Image::sha256))
                .map(Images.ROW)
                .forEach(image -> known.put(image.sha256(), image));
        List<Image> changed = new ArrayList<>();
        for (Image image : images) {
            Image before = Objects.requireNonNullElse(known.get(image.sha256()), image);
            Image after = merged(project, before, image, relabel);
            stored.put(after.sha256(), after.shown());
            if (!after.equals(before)) {
                changed.add(after);
            }
        }
        bind(handle.createUpdate("""
                        with changed as (
                            update image i set label = n.label, defect = n.defect, split = n.split, mask_sha256 = n.mask,
                                               product = n.product
                            from unnest(:sha256::text[], :label::text[], :defect::text[], :split::text[], :mask::text[],
                                        :product::text[])
                                as n(sha256, label, defect, split, mask, product)
                            where i.project_id = :project and i.sha256 = n.sha256
                            returning i.*)
                        %s""".formatted(ImageHistory.record(Change.CHANGED, "changed"))), project, changed)
                .bind("actor", actor)
                .execute();
        return changed.size();
    }

    private static Image merged(Project project, Image stored, Image given, boolean relabel) {
        boolean fromGiven = given.label() != null && (stored.label() == null || relabel);
        boolean sameLabel = Objects.equals(stored.label(), given.label());
        String label = fromGiven ? given.label() : stored.label();
        // Also kept for an image that becomes normal: it may become abnormal later.
        String defect = fromGiven ? first(true, stored.defect(), given.defect()) : stored.defect();
        if (sameLabel) {
            defect = first(relabel, stored.defect(), given.defect());
        }
        Split split = first(relabel, stored.split(), given.split());
        if (split == Split.TRAIN && new Annotation(label, defect).isAbnormalIn(project.task())) {
            split = null; // a detector learns from normal images only
        }
        String mask = first(relabel, stored.maskSha256(), given.maskSha256());
        return new Image(
                stored.sha256(),
                stored.name(),
                stored.size(),
                stored.format(),
                stored.width(),
                stored.height(),
                label,
                defect,
                split,
                mask,
                stored.createdAt(),
                first(relabel, stored.product(), given.product()));
    }

    /** Returns the preferred value if it is not null, otherwise the other one. */
    private static <T> T first(boolean preferGiven, T stored, T given) {
        if (preferGiven) {
            return given == null ? stored : given;
        }
        return stored == null ? given : stored;
    }

    private static List<Conflict> conflicts(List<Image> files, Map<String, Image> stored) {
        List<Conflict> conflicts = new ArrayList<>();
        for (Image file : files) {
            Image image = stored.get(file.sha256());
            if (differ(file.label(), image.label())
                    || differ(file.split(), image.split())
                    || differ(file.defect(), image.defect())
                    || differ(file.product(), image.product())) {
                conflicts.add(new Conflict(file.name(), file, image));
            }
        }
        return conflicts;
    }

    private static boolean differ(Object given, Object stored) {
        return given != null && stored != null && !given.equals(stored);
    }

    private static void resolveConflicts(Handle handle, Project project, List<Image> files) {
        handle.createUpdate("delete from label_conflict where project_id = :project and sha256 = any(:sha256)")
                .bind("project", project.id())
                .bind("sha256", texts(files, Image::sha256))
                .execute();
    }

    private static void recordConflicts(Handle handle, Project project, List<Conflict> conflicts) {
        Map<List<String>, Image> given = new LinkedHashMap<>();
        for (Conflict conflict : conflicts) {
            given.put(List.of(conflict.given().sha256(), conflict.name()), conflict.given());
        }
        List<Image> files = List.copyOf(given.values());
        handle.createUpdate("""
                        insert into label_conflict (project_id, sha256, name, label, split)
                        select :project, n.sha256, n.name, n.label, n.split
                        from unnest(:sha256::text[], :name::text[], :label::text[], :split::text[])
                            as n(sha256, name, label, split)
                        on conflict (project_id, sha256, name)
                            do update set label = excluded.label, split = excluded.split""")
                .bind("project", project.id())
                .bind("sha256", texts(files, Image::sha256))
                .bind("name", texts(files, Image::name))
                .bind("label", texts(files, Image::label))
                .bind("split", texts(files, ImageAdditions::split))
                .execute();
    }

    private static <T extends SqlStatement<T>> T bind(T statement, Project project, List<Image> images) {
        return statement
                .bind("project", project.id())
                .bind("sha256", texts(images, Image::sha256))
                .bind("label", texts(images, Image::label))
                .bind("defect", texts(images, Image::defect))
                .bind("split", texts(images, ImageAdditions::split))
                .bind("mask", texts(images, Image::maskSha256))
                .bind("product", texts(images, Image::product));
    }

    private static String split(Image image) {
        return image.split() == null ? null : image.split().name();
    }

    private static String[] texts(List<Image> images, Function<Image, String> value) {
        return images.stream().map(value).toArray(String[]::new);
    }

    private static Long[] numbers(List<Image> images, Function<Image, Long> value) {
        return images.stream().map(value).toArray(Long[]::new);
    }
}
