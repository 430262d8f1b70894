package dev.loupe.training.run;

import dev.loupe.training.dataset.ProjectDeleted;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/**
 * Ends the runs of deleted projects, then deletes the runs and their objects. A run is deleted after its trainers have
 * ended and its objects are deleted, so a restart or an outage only delays the deletion.
 */
@ApplicationScoped
class DeletedProjectRuns {
    private final Runs runs;
    private final RunTransitions transitions;
    private final RunObjects objects;
    private final Jdbi jdbi;

    DeletedProjectRuns(Runs runs, RunTransitions transitions, RunObjects objects, Jdbi jdbi) {
        this.runs = runs;
        this.transitions = transitions;
        this.objects = objects;
        this.jdbi = jdbi;
    }

    void on(@Observes ProjectDeleted deleted) {
        for (UUID run : runs.unfinished(deleted.projectId())) {
            transitions.cancel(run, "the deletion of its project");
        }
    }

    @Scheduled(
            every = "${loupe.training.deletion-interval:30s}",
            delayed = "${loupe.training.deletion-interval:30s}",
            concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void sweep() {
        for (UUID run : runs.ofDeletedProjects()) {
            objects.deleteAll(run);
            QuarkusTransaction.requiringNew().run(() -> jdbi.useHandle(handle -> RunDeletion.deleteRows(handle, run)));
        }
        jdbi.useHandle(handle -> handle.execute("""
                delete from dataset_version d using project p
                where p.id = d.project_id and p.deleted
                  and not exists (select from run r where r.dataset_version_id = d.id)
                  and not exists (select from extension e where e.images_version_id = d.id)"""));
    }
}
