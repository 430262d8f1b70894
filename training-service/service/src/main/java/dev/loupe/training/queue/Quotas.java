package dev.loupe.training.queue;

import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.Nested;

/** The quotas of projects, in the database. */
@ApplicationScoped
public class Quotas {
    private final Jdbi jdbi;
    private final Audit audit;

    /** A row of the table. Public, because Jdbi constructs only public records. */
    public record Row(String projectId, @Nested Quota quota) {}

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
