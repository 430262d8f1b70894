package dev.loupe.inference.traffic;

import dev.loupe.inference.runtime.ArmKey;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** What all replicas have counted of the arms, in the database. */
@ApplicationScoped
class ArmCountRepository {
    private static final String ROW =
            "project_id = :projectId and alias = :alias and revision = :revision and arm = :arm";

    private final Jdbi jdbi;

    ArmCountRepository(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    ArmCount find(ArmKey key) {
        return jdbi.withHandle(handle -> find(handle, key, "")).orElse(ArmCount.NONE);
    }

    private static Optional<ArmCount> find(Handle handle, ArmKey key, String lock) {
        return handle.createQuery("select answered, failed, latency from arm_count where " + ROW + lock)
                .bindMethods(key)
                .mapTo(ArmCount.class)
                .findOne();
    }

    /** Adds what a replica has counted, in one transaction. Nothing if the project was deleted. */
    @Transactional
    void add(ArmKey key, ArmCount more) {
        jdbi.useHandle(handle -> {
            handle.createUpdate("""
                            insert into arm_count (project_id, alias, revision, arm, answered, failed, latency)
                            select project_id, :alias, :revision, :arm, 0, 0, cast('{}' as jsonb) from model
                            where project_id = :projectId on conflict do nothing""").bindMethods(key).execute();
            find(handle, key, " for update").ifPresent(before -> handle.createUpdate(
                            "update arm_count set answered = :answered, failed = :failed,"
                                    + " latency = cast(:latency as jsonb), counted_at = now() where " + ROW)
                    .bindMethods(key)
                    .bindMethods(before.plus(more))
                    .execute());
        });
    }
}
