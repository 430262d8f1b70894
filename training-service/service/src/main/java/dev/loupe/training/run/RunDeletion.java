package dev.loupe.training.run;

import dev.loupe.events.v1.ModelVersionDeleted;
import dev.loupe.events.v1.ModelVersionRegistered;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.inbox.EventConsumer;
import dev.loupe.service.inbox.EventConsumer.Handler;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Deletes runs, and the packages of deleted model versions. A run stays while a model version that came of it exists:
 * its package is that of the version. A package stays while an evaluation or an extension of it has not ended.
 */
@ApplicationScoped
public class RunDeletion {
    private final EventConsumer events;
    private final Handler<ModelVersionRegistered> registered;
    private final Handler<ModelVersionDeleted> deleted;
    private final Runs runs;
    private final Evaluations evaluations;
    private final Extensions extensions;
    private final RunObjects objects;
    private final Audit audit;
    private final Jdbi jdbi;

    RunDeletion(
            EventConsumer events,
            Runs runs,
            Evaluations evaluations,
            Extensions extensions,
            RunObjects objects,
            Audit audit,
            Jdbi jdbi) {
        this.events = events;
        this.runs = runs;
        this.evaluations = evaluations;
        this.extensions = extensions;
        this.objects = objects;
        this.audit = audit;
        this.jdbi = jdbi;
        this.registered = new Handler<>(
                "dev.loupe.model-version-registered.v1",
                ModelVersionRegistered.parser(),
                event -> update(
                        event.getRunId(),
                        "update run set model_version = :version where id = :run",
                        event.getVersion()));
        this.deleted = new Handler<>(
                "dev.loupe.model-version-deleted.v1",
                ModelVersionDeleted.parser(),
                event -> update(event.getRunId(), """
                        update run set model_version = :version, version_deleted = true, package_to_delete = true
                        where id = :run""", event.getVersion()));
    }

    @Incoming("models")
    @Blocking
    public CompletionStage<Void> on(Message<byte[]> message) {
        return events.accept(message, registered, deleted);
    }

    private void update(String run, String statement, int version) {
        jdbi.useHandle(handle -> handle.createUpdate(statement)
                .bind("run", UUID.fromString(run))
                .bind("version", version)
                .execute());
    }

    /**
     * Deletes a run that has ended, with its log, metrics and objects.
     *
     * @throws ServiceException {@code RUN_NOT_FINISHED}; {@code RUN_IN_USE} if a model version of it exists, or is
     *     still to be registered, or if an evaluation or an extension of its model has not ended
     */
    public void delete(Run run, String actor) {
        if (!run.status().state().isFinal() || !runs.isSettled(run.id())) {
            throw new ServiceException(
                    ErrorCode.RUN_NOT_FINISHED,
                    "run '" + run.id() + "' is " + run.status().state()
                            + ", or its trainer has not ended yet; cancel it, and delete it then");
        }
        if (run.status().state() == RunState.SUCCEEDED && run.settings().register()) {
            requireNoVersion(run);
        }
        evaluations.unfinished(run.id()).ifPresent(evaluation -> {
            throw new ServiceException(
                    ErrorCode.RUN_IN_USE,
                    "run '" + run.id() + "': evaluation '" + evaluation
                            + "' of its model has not ended; wait for it, or cancel that run");
        });
        extensions.unfinished(run.id()).ifPresent(extension -> {
            throw new ServiceException(
                    ErrorCode.RUN_IN_USE,
                    "run '" + run.id() + "': run '" + extension
                            + "' that extends its model has not ended; wait for it, or cancel that run");
        });
        objects.deleteAll(run.id());
        QuarkusTransaction.requiringNew()
                .run(() -> jdbi.useHandle(handle -> Runs.projectOf(handle, run.id())
                        .filter(_ -> deleteRows(handle, run.id()))
                        .ifPresent(project -> audit.record(
                                Change.of(project, actor, "run.delete", run.id().toString())
                                        .detail(run.data().project())))));
    }

    private void requireNoVersion(Run run) {
        jdbi.useHandle(handle -> handle.createQuery(
                        "select coalesce(model_version, 0) from run where id = :run and not version_deleted")
                .bind("run", run.id())
                .mapTo(Integer.class)
                .findOne()
                .ifPresent(version -> {
                    throw new ServiceException(
                            ErrorCode.RUN_IN_USE,
                            version == 0
                                    ? "run '" + run.id() + "': its model version is being registered"
                                    : "run '%s': version %d of model '%s' came of it; delete that version first"
                                            .formatted(
                                                    run.id(),
                                                    version,
                                                    run.data().project()));
                }));
    }

    /**
     * Deletes the rows of a run whose objects are deleted.
     *
     * @return false if another deletion was faster
     */
    static boolean deleteRows(Handle handle, UUID run) {
        handle.createUpdate("delete from attempt where run_id = :run")
                .bind("run", run)
                .execute();
        return handle.createUpdate("delete from run where id = :run")
                        .bind("run", run)
                        .execute()
                > 0;
    }

    @Scheduled(
            every = "${loupe.training.deletion-interval:30s}",
            delayed = "${loupe.training.deletion-interval:30s}",
            concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void deletePackages() {
        List<UUID> waiting = jdbi.withHandle(handle -> handle.createQuery("""
                                select id from run
                                where package_to_delete
                                  and not exists (select from evaluation e where e.model_run_id = run.id
                                      and %1$s)
                                  and not exists (select from extension e where e.model_run_id = run.id
                                      and %1$s)
                                limit 100""".formatted(Evaluations.UNFINISHED))
                .mapTo(UUID.class)
                .list());
        for (UUID run : waiting) {
            objects.deletePackage(run);
            jdbi.useHandle(handle -> handle.createUpdate("update run set package_to_delete = false where id = :run")
                    .bind("run", run)
                    .execute());
        }
    }
}
