package dev.loupe.training.queue;

import dev.loupe.service.access.Tenant;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.Nested;

/** The quotas of projects and of tenants, in the database. */
@ApplicationScoped
public class Quotas {
    private final Jdbi jdbi;
    private final Audit audit;

    /** A row of the table. Public, because Jdbi constructs only public records. */
    public record Row(String projectId, @Nested Quota quota) {}

    /** What all projects of a tenant together may hold; null: no limit. Public, because Jdbi constructs only public records. */
    public record TenantRow(String tenant, Integer maxRuns, Integer maxGpus) {
        private Quota quota() {
            return new Quota(maxRuns, maxGpus, 1);
        }
    }

    Quotas(Jdbi jdbi, Audit audit) {
        this.jdbi = jdbi;
        this.audit = audit;
    }

    /** All quotas that were set, by the id of the project. */
    Map<String, Quota> all() {
        return jdbi.withHandle(handle -> handle.createQuery("select * from quota")
                .mapTo(Row.class)
                .collect(Collectors.toMap(Row::projectId, Row::quota)));
    }

    /** The quotas that bound the queue as it is now. Which project is of which tenant is read only if a tenant has a quota. */
    QueueQuotas ofQueue() {
        Map<String, Quota> tenants =
                jdbi.withHandle(handle -> handle.createQuery("select tenant, max_runs, max_gpus from tenant_quota")
                        .mapTo(TenantRow.class)
                        .collect(Collectors.toMap(TenantRow::tenant, TenantRow::quota)));
        return new QueueQuotas(all(), tenants, tenants.isEmpty() ? Map.of() : tenantsInQueue());
    }

    private Map<String, String> tenantsInQueue() {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select distinct d.project_id as project, %s as tenant
                        from run r join dataset_version d on d.id = r.dataset_version_id
                        where r.state in ('QUEUED', 'STARTING', 'RUNNING')""".formatted(Tenant.ofProjectSql("d.project_name")))
                .map((row, _) -> Map.entry(row.getString("project"), row.getString("tenant")))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    /** What all projects of a tenant together may hold. */
    TenantRow ofTenant(String tenant) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select tenant, max_runs, max_gpus from tenant_quota where tenant = :tenant")
                .bind("tenant", tenant)
                .mapTo(TenantRow.class)
                .findOne()
                .orElse(new TenantRow(tenant, null, null)));
    }

    /** Sets the quota of a tenant. It applies from the next start of a run on; running trainers are not affected. */
    @Transactional
    void setOfTenant(TenantRow quota, String actor) {
        TenantRow before = ofTenant(quota.tenant());
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into tenant_quota (tenant, max_runs, max_gpus)
                        values (:tenant, :maxRuns, :maxGpus)
                        on conflict (tenant) do update
                        set max_runs = excluded.max_runs, max_gpus = excluded.max_gpus""").bindMethods(quota).execute());
        audit.record(
                Change.of(null, actor, "quota.set", "tenant:" + quota.tenant()).values(before, quota));
    }

    /** The quota of a project. */
    public Quota of(UUID project) {
        return jdbi.withHandle(handle -> handle.createQuery("select * from quota where project_id = :project")
                .bind("project", project)
                .mapTo(Quota.class)
                .findOne()
                .orElse(Quota.NONE));
    }

    /** Sets a quota. It applies from the next start of a run on; running trainers are not affected. */
    @Transactional
    void set(UUID project, Quota quota, String actor) {
        Quota before = of(project);
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into quota (project_id, max_runs, max_gpus, weight)
                        values (:project, :maxRuns, :maxGpus, :weight)
                        on conflict (project_id) do update
                        set max_runs = excluded.max_runs, max_gpus = excluded.max_gpus, weight = excluded.weight""")
                .bind("project", project)
                .bindMethods(quota)
                .execute());
        audit.record(Change.of(project, actor, "quota.set", project.toString()).values(before, quota));
    }
}
