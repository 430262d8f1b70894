package dev.loupe.dataset.limit;

import dev.loupe.dataset.project.Project;
import dev.loupe.service.access.Tenant;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/** How many images a project, and all projects of a tenant together, may have, and of how many bytes. */
@ApplicationScoped
public class StorageLimits {
    private final Jdbi jdbi;
    private final StorageLimitsConfig config;

    /**
     * The limits of a project or a tenant.
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
     * The limits that count for an addition to a project: its own, and those of its tenant for all projects together.
     */
    private record Counting(Limits own, Limits ofTenant) {}

    /**
     * What a project or a tenant has.
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
        return withDefaults(set(project));
    }

    private Limits withDefaults(Limits set) {
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

    /** Both in one query: most projects have none, and must not pay for two. */
    private Counting counting(Project project) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select p.max_images, p.max_bytes, t.max_images as tenant_images, t.max_bytes as tenant_bytes
                        from (select :project as project, :tenant as tenant) asked
                        left join storage_limit p on p.project_id = asked.project
                        left join tenant_limit t on t.tenant = asked.tenant""")
                .bind("project", project.id())
                .bind("tenant", Tenant.ofProject(project.name()))
                .map((row, _) -> new Counting(
                        withDefaults(new Limits(
                                row.getObject("max_images", Long.class), row.getObject("max_bytes", Long.class))),
                        new Limits(
                                row.getObject("tenant_images", Long.class), row.getObject("tenant_bytes", Long.class))))
                .one());
    }

    Usage usage(UUID project) {
        return usage("= :of", project);
    }

    Usage usageOfTenant(String tenant) {
        return usage("in (select id from project where %s = :of)".formatted(Tenant.ofProjectSql("name")), tenant);
    }

    private Usage usage(String condition, Object of) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select count(*) as images, coalesce(sum(size), 0) as bytes from image where project_id "
                                + condition)
                .bind("of", of)
                .map(ConstructorMapper.of(Usage.class))
                .one());
    }

    /**
     * Excludes other additions to a project that has limits, and to all projects of a tenant that has some, until the transaction
     * ends: two that do not see each other's images could exceed them together. To be called before the images are added; {@link
     * #requireWithin} follows it.
     */
    @Transactional(TxType.MANDATORY)
    public void beforeAdding(Project project) {
        Counting limits = counting(project);
        // The tenant's always first: no deadlock.
        if (!limits.ofTenant().areNone()) {
            lock("images of tenant " + Tenant.ofProject(project.name()));
        }
        if (!limits.own().areNone()) {
            lock("images of project " + project.id());
        }
    }

    private void lock(String what) {
        jdbi.useHandle(handle -> handle.execute("select pg_advisory_xact_lock(hashtextextended(?, 0))", what));
    }

    /**
     * @throws ServiceException {@code PROJECT_FULL} if the project has more than its limits allow, {@code TENANT_FULL} if all
     *     projects of its tenant have
     */
    @Transactional(TxType.MANDATORY)
    public void requireWithin(Project project) {
        Counting limits = counting(project);
        requireWithin(project, limits.own());
        requireTenantWithin(Tenant.ofProject(project.name()), limits.ofTenant());
    }

    private void requireWithin(Project project, Limits limits) {
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

    private void requireTenantWithin(String tenant, Limits limits) {
        if (limits.areNone()) {
            return;
        }
        Usage usage = usageOfTenant(tenant);
        if (limits.maxImages() != null && usage.images() > limits.maxImages()) {
            throw full(tenant, limits.maxImages() + " images");
        }
        if (limits.maxBytes() != null && usage.bytes() > limits.maxBytes()) {
            throw full(tenant, limits.maxBytes() + " bytes of images");
        }
    }

    /** Without what the tenant has: callers of one project may not know that there are others. */
    private static ServiceException full(String tenant, String limit) {
        return new ServiceException(
                ErrorCode.TENANT_FULL,
                "tenant '" + tenant + "': expected at most " + limit
                        + " in all its projects, got more with the new ones; delete images, or ask who operates the"
                        + " installation for a higher limit");
    }

    private static ServiceException full(Project project, String limit, long got) {
        return new ServiceException(
                ErrorCode.PROJECT_FULL,
                "project '" + project.name() + "': expected at most " + limit + ", got " + got
                        + " with the new ones; delete images, or ask an administrator for a higher limit");
    }
}
