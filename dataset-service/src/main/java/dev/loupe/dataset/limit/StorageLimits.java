package dev.loupe.dataset.limit;

import dev.loupe.dataset.project.Project;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/** How many images a project may have, and of how many bytes. */
@ApplicationScoped
public class StorageLimits {
    private final Jdbi jdbi;
    private final StorageLimitsConfig config;

    /**
     * The limits of a project.
     *
     * @param maxImages null: none
     * @param maxBytes bytes of all its images; null: none
     */
    public record Limits(Long maxImages, Long maxBytes) {
        boolean areNone() {
            return maxImages == null && maxBytes == null;
        }
    }

    /**
     * What a project has.
     *
     * @param images number of its images, without deleted ones
     * @param bytes bytes of these images, as they were uploaded
     */
    public record Usage(long images, long bytes) {}

    StorageLimits(Jdbi jdbi, StorageLimitsConfig config) {
        this.jdbi = jdbi;
        this.config = config;
    }

    /** The limits that were set; null: the default. */
    Limits set(UUID project) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select max_images, max_bytes from storage_limit where project_id = :project")
                .bind("project", project)
                .map(ConstructorMapper.of(Limits.class))
                .findOne()
                .orElse(new Limits(null, null)));
    }

    /** The limits that count. */
    Limits effective(UUID project) {
        Limits set = set(project);
        return new Limits(
                set.maxImages() == null ? config.maxImages().orElse(null) : set.maxImages(),
                set.maxBytes() == null
                        ? config.maxBytes().map(MemorySize::asLongValue).orElse(null)
                        : set.maxBytes());
    }

    @Transactional(TxType.MANDATORY)
    void replace(UUID project, Limits limits) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into storage_limit (project_id, max_images, max_bytes)
                        values (:project, :maxImages, :maxBytes)
                        on conflict (project_id) do update
                        set max_images = excluded.max_images, max_bytes = excluded.max_bytes""")
                .bind("project", project)
                .bindMethods(limits)
                .execute());
    }

    Usage usage(UUID project) {
        return jdbi.withHandle(handle -> usage(handle, project));
    }

    private static Usage usage(Handle handle, UUID project) {
        return handle.createQuery("""
                        select count(*) as images, coalesce(sum(size), 0) as bytes from image where project_id = :project""")
                .bind("project", project)
                .map(ConstructorMapper.of(Usage.class))
                .one();
    }

    /**
     * Excludes other additions to a project that has limits until the transaction ends: two that do not see each other's images
     * could exceed them together. To be called before the images are added; {@link #requireWithin} follows it.
     */
    @Transactional(TxType.MANDATORY)
    public void beforeAdding(Project project) {
        if (!effective(project.id()).areNone()) {
            jdbi.useHandle(handle -> handle.execute(
                    "select pg_advisory_xact_lock(hashtextextended(?, 0))", "images of project " + project.id()));
        }
    }

    /** @throws ServiceException {@code PROJECT_FULL} if the project has more than its limits allow */
    @Transactional(TxType.MANDATORY)
    public void requireWithin(Project project) {
        Limits limits = effective(project.id());
        if (limits.areNone()) {
            return;
        }
        Usage usage = usage(project.id());
        if (limits.maxImages() != null && usage.images() > limits.maxImages()) {
            throw full(project, limits.maxImages() + " images", usage.images());
        }
        if (limits.maxBytes() != null && usage.bytes() > limits.maxBytes()) {
            throw full(project, limits.maxBytes() + " bytes of images", usage.bytes());
        }
    }

    private static ServiceException full(Project project, String limit, long got) {
        return new ServiceException(
                ErrorCode.PROJECT_FULL,
                "project '" + project.name() + "': expected at most " + limit + ", got " + got
                        + " with the new ones; delete images, or ask an administrator for a higher limit");
    }
}
