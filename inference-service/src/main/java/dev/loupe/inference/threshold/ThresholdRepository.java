package dev.loupe.inference.threshold;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** Threshold versions in the database: all but the first of each model version, which is in its package. */
@ApplicationScoped
class ThresholdRepository {
    private final Jdbi jdbi;

    ThresholdRepository(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Lists the threshold versions below the given number, newest first. */
    List<ThresholdVersion> list(UUID projectId, int version, long below, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from threshold_version
                        where project_id = :project and version = :version and number < :below
                        order by number desc limit :limit""")
                .bind("project", projectId)
                .bind("version", version)
                .bind("below", below)
                .bind("limit", limit)
                .mapTo(ThresholdVersion.class)
                .list());
    }

    Optional<ThresholdVersion> find(UUID projectId, int version, int number) {
        return list(projectId, version, number + 1L, 1).stream()
                .filter(found -> found.number() == number)
                .findFirst();
    }

    /** Returns the highest number, empty if the threshold is that of the package. */
    Optional<Integer> latest(UUID projectId, int version) {
        return list(projectId, version, Long.MAX_VALUE, 1).stream()
                .map(ThresholdVersion::number)
                .findFirst();
    }

    /**
     * Adds a threshold version.
     *
     * @return false if its number exists
     */
    boolean insert(UUID projectId, int version, ThresholdVersion threshold) {
        return jdbi.withHandle(handle -> handle.createUpdate("""
                                insert into threshold_version (project_id, version, number, value, method, target,
                                    confidence, how, normal, false_alarms, abnormal, misses, reason, actor, created_at)
                                values (:project, :version, :number, :value, :method, :target, :confidence, :how,
                                    :normal, :falseAlarms, :abnormal, :misses, :reason, :actor, :createdAt)
                                on conflict do nothing""")
                        .bind("project", projectId)
                        .bind("version", version)
                        .bindMethods(threshold)
                        .execute()
                == 1);
    }
}
