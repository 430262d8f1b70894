package dev.loupe.training.run;

import dev.loupe.service.access.CurrentCaller;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.PageRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Runs that evaluate a model: those of the kind {@link RunKind#EVALUATION}, and trainings, which evaluate their own. An
 * evaluation has the id of its run.
 */
@ApplicationScoped
public class Evaluations {
    private final Jdbi jdbi;
    private final RunTransitions transitions;
    private final CurrentCaller caller;

    Evaluations(Jdbi jdbi, RunTransitions transitions, CurrentCaller caller) {
        this.caller = caller;
        this.jdbi = jdbi;
        this.transitions = transitions;
    }

    /**
     * An evaluation that was requested.
     *
     * @param id its id
     * @param isNew whether it was added to the queue; otherwise it existed
     */
    public record Requested(UUID id, boolean isNew) {}

    /**
     * Which evaluations to list; null: any.
     *
     * @param project id or name of the project of the dataset version
     * @param datasetVersion number of the dataset version
     * @param model run that trained the model
     */
    public record Filter(String project, Integer datasetVersion, UUID model) {}

    /**
     * Adds an evaluation to the queue, unless one of the same model on the same dataset version waits, is in progress or
     * has succeeded. The lock on the run that trained the model orders equal requests, and excludes that its model
     * version is deleted in between.
     *
     * @throws ServiceException {@code RUN_NOT_FOUND}, {@code MODEL_VERSION_NOT_FOUND} or {@code
     *     DATASET_VERSION_NOT_FOUND} if the run, the model version or the dataset version was deleted meanwhile
     */
    @Transactional
    public Requested request(Submission asked, String actor) {
        return jdbi.withHandle(handle -> {
            lockPackage(handle, asked.model().run());
            Optional<UUID> existing = handle.createQuery("""
                            select r.id from evaluation e join run r on r.id = e.run_id
                            where e.model_run_id = :model and r.dataset_version_id = :version
                              and r.state not in ('FAILED', 'CANCELLED')""")
                    .bind("model", asked.model().run())
                    .bind("version", asked.version().id())
                    .mapTo(UUID.class)
                    .findOne();
            return existing.map(id -> new Requested(id, false))
                    .orElseGet(() -> new Requested(add(handle, asked, actor), true));
        });
    }

    /** Locks the run that made a model, so that its model version is not deleted until the transaction ends. */
    static void lockPackage(Handle handle, UUID run) {
        boolean deleted = handle.createQuery("select version_deleted from run where id = :run for update")
                .bind("run", run)
                .mapTo(Boolean.class)
                .findOne()
                .orElseThrow(() -> new ServiceException(ErrorCode.RUN_NOT_FOUND, "there is no run '" + run + "'"));
        if (deleted) {
            throw new ServiceException(
                    ErrorCode.MODEL_VERSION_NOT_FOUND, "run " + run + ": its model version was deleted");
        }
    }

    private UUID add(Handle handle, Submission asked, String actor) {
        UUID id = transitions.submit(asked, actor);
        handle.createUpdate("""
                        insert into evaluation (run_id, model_run_id, package_key, package_sha256, known_images)
                        values (:id, :run, :packageKey, :packageSha256, :knownImages)""").bind("id", id).bindMethods(asked.model()).execute();
        return id;
    }

    /**
     * Lists the evaluations that the caller may see, newest first: evaluation runs, and trainings that have succeeded on a dataset version with TEST
     * images.
     */
    public List<Run> list(Filter filter, PageRequest page) {
        return jdbi.withHandle(
                handle -> caller.bind(handle.createQuery(Runs.SELECT + """
                        where (r.kind = 'EVALUATION' or r.state = 'SUCCEEDED' and d.test_images > 0 and not r.dev_only)
                          and (:after::uuid is null or r.id < :after)
                          and (:version::integer is null or d.number = :version)
                          and (:model::uuid is null or coalesce(e.model_run_id, r.id) = :model)
                          and %s and %s
                        order by r.id desc limit :limit""".formatted(Runs.OF_PROJECT, Runs.VISIBLE)))
                        .bind("after", Runs.position(page))
                        .bind("version", filter.datasetVersion())
                        .bind("model", filter.model())
                        .bind("project", filter.project())
                        .bind("limit", page.limit() + 1)
                        .mapTo(Run.class)
                        .list());
    }

    /** An evaluation of the run's model that waits or is in progress, empty if there is none. */
    Optional<UUID> unfinished(UUID model) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select e.run_id from evaluation e where e.model_run_id = :model and "
                                + UNFINISHED + " limit 1")
                        .bind("model", model)
                        .mapTo(UUID.class)
                        .findOne());
    }

    /** Condition on an evaluation or an extension {@code e}: its run has not ended. */
    static final String UNFINISHED =
            "exists (select from run x where x.id = e.run_id and x.state in ('QUEUED', 'STARTING', 'RUNNING'))";
}
