package dev.loupe.training.queue;

import dev.loupe.service.audit.Audit;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;

/** The quotas of projects, in the database. */
@ApplicationScoped
class Quotas {
    private static final RowMapper<Quota> QUOTA = (rs, _) -> new Quota(
            rs.getObject("max_runs", Integer.class), rs.getObject("max_gpus", Integer.class), rs.getDouble("weight"));

    private final Jdbi jdbi;
    private final Audit audit;

    Quotas(Jdbi jdbi, Audit audit) {
        this.jdbi = jdbi;
        this.audit = audit;
    }

    /** All quotas that were set, by project. */
    Map<String, Quota> all() {
        Map<String, Quota> quotas = new TreeMap<>();
        jdbi.useHandle(handle -> handle.createQuery("select * from quota")
                .map((rs, context) -> Map.entry(rs.getString("project"), QUOTA.map(rs, context)))
                .forEach(quota -> quotas.put(quota.getKey(), quota.getValue())));
        return quotas;
    }

    Quota of(String project) {
        return jdbi.withHandle(handle -> handle.createQuery("select * from quota where project = :project")
                .bind("project", project)
                .map(QUOTA)
                .findOne()
                .orElse(Quota.NONE));
    }

    /** Sets a quota. It applies from the next admission on; running trainers are not affected. */
    @Transactional
    void set(String project, Quota quota, String actor) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into quota (project, max_runs, max_gpus, weight)
                        values (:project, :maxRuns, :maxGpus, :weight)
                        on conflict (project) do update
                        set max_runs = excluded.max_runs, max_gpus = excluded.max_gpus, weight = excluded.weight""")
                .bind("project", project)
                .bindMethods(quota)
                .execute());
        audit.record(actor, "quota.set", project, quota.toString());
    }
}
