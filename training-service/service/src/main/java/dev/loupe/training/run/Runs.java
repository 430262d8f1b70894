package dev.loupe.training.run;

import dev.loupe.service.access.CurrentCaller;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.training.queue.QueuePlace;
import dev.loupe.training.queue.TrainingQueue;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Reads runs from the database. {@link RunTransitions} changes them. */
@ApplicationScoped
public class Runs {
    private static final String PROJECT = """
            select d.project_id from run r join dataset_version d on d.id = r.dataset_version_id where r.id = :run""";

    static final String SELECT = """
            select r.*, d.project_name, d.task, d.number, e.model_run_id as evaluated_run,
                md.project_name as evaluated_project, md.project_id as evaluated_project_id, m.model_version as evaluated_version,
                e.package_key as evaluated_package_key, e.package_sha256 as evaluated_package_sha256,
                e.known_images as evaluated_known_images, i.id as imported_id, i.name as imported_name,
                i.sha256 as imported_sha256, x.model_run_id as extended_run, xm.model_version as extended_version,
                x.package_key as extended_package_key, x.package_sha256 as extended_package_sha256,
                x.images_version_id as extended_images_version_id, xd.number as extended_images_version,
                cardinality(x.images) as extended_images
            from run r join dataset_version d on d.id = r.dataset_version_id
                left join evaluation e on e.run_id = r.id
                left join run m on m.id = e.model_run_id
                left join dataset_version md on md.id = m.dataset_version_id
                left join imported_model i on i.id = r.imported_model_id
                left join extension x on x.run_id = r.id
                left join run xm on xm.id = x.model_run_id
                left join dataset_version xd on xd.id = x.images_version_id
            """;

    /** Condition on the dataset version of a run: its project has this id, name or former name; true for null. */
    static final String OF_PROJECT = """
            (:project::text is null or d.project_name = :project or d.project_id::text = :project
             or d.project_id = (select project_id from project_former_name where name = :project))
            """;

    private final Jdbi jdbi;
    private final TrainingQueue queue;
    private final RunConfig config;
    private final CurrentCaller caller;

    Runs(Jdbi jdbi, TrainingQueue queue, RunConfig config, CurrentCaller caller) {
        this.caller = caller;
        this.config = config;
        this.jdbi = jdbi;
        this.queue = queue;
    }

    /** Returns the run, empty if it does not exist. */
    public Optional<Run> find(UUID id) {
        List<Run> found = jdbi.withHandle(handle -> handle.createQuery(SELECT + "where r.id = :id")
                .bind("id", id)
                .mapTo(Run.class)
                .list());
        return placed(found).stream().findFirst();
    }

    /** Returns the run with this id; throws {@code RUN_NOT_FOUND} if it does not exist. */
    public Run require(String id) {
        Optional<Run> run;
        try {
            run = find(UUID.fromString(id));
        } catch (IllegalArgumentException _) {
            run = Optional.empty();
        }
        return run.orElseThrow(() -> notFound(id));
    }

    /** The error for a run that does not exist. */
    public static ServiceException notFound(String id) {
        return new ServiceException(ErrorCode.RUN_NOT_FOUND, "there is no run '" + id + "'");
    }

    /** The attempts of a run, oldest first. */
    public List<Attempt> attempts(UUID run) {
        return jdbi.withHandle(handle -> handle.createQuery("select * from attempt where run_id = :id order by number")
                .bind("id", run)
                .mapTo(Attempt.class)
                .list());
    }

    /**
     * Returns the run that a model version came of.
     *
     * @throws ServiceException {@code MODEL_VERSION_NOT_FOUND} if this service does not know it (yet), or it was deleted
     */
    public Run requireModelVersion(String project, int number) {
        return jdbi.withHandle(handle -> handle.createQuery(
                                SELECT + "where r.model_version = :number and not r.version_deleted and " + OF_PROJECT)
                        .bind("number", number)
                        .bind("project", project)
                        .mapTo(Run.class)
                        .findFirst())
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.MODEL_VERSION_NOT_FOUND,
                        "version " + number + " of the model " + QuotedInput.of(project)
                                + " is not known here; if it was registered a moment ago, retry in a second"));
    }

    /** Condition on the dataset version of a run: the caller may see its project. */
    static final String VISIBLE = CurrentCaller.visible("d.project_id", "d.project_name");

    /**
     * Lists the runs that the caller may see, newest first.
     *
     * @param trials whether trials of searches are among them
     */
    List<Run> list(String project, RunState state, RunKind kind, boolean trials, PageRequest page) {
        return placed(
                jdbi.withHandle(handle -> caller.bind(handle.createQuery(SELECT + """
                        where (:after::uuid is null or r.id < :after)
                          and (:state::text is null or r.state = :state)
                          and (:kind::text is null or r.kind = :kind)
                          and (:trials or not r.dev_only)
                          and %s and %s
                        order by r.id desc limit :limit""".formatted(OF_PROJECT, VISIBLE)))
                        .bind("after", position(page))
                        .bind("project", project)
                        .bind("kind", kind == null ? null : kind.name())
                        .bind("trials", trials)
                        .bind("state", state == null ? null : state.name())
                        .bind("limit", page.limit() + 1)
                        .mapTo(Run.class)
                        .list()));
    }

    /** The run before a page, null for the first page. */
    static UUID position(PageRequest page) {
        try {
            return page.after().isEmpty() ? null : UUID.fromString(page.after());
        } catch (IllegalArgumentException e) {
            throw new ServiceException(ErrorCode.INVALID_CURSOR, "cursor: not one that an earlier page gave", e);
        }
    }

    /**
     * Whether the run and its trainers have ended: the last trainer may still write after its result. From a minute
     * after the run's end this is true even if the trainers cannot be observed, and of a run that was deleted meanwhile.
     */
    public boolean isSettled(UUID run) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select state in (<final>)
                               and (finished_at < now() - interval '1 minute'
                                   or not exists (select from attempt where run_id = run.id and not discarded))
                        from run where id = :id""")
                .bind("id", run)
                .bindList(
                        "final",
                        Arrays.stream(RunState.values())
                                .filter(RunState::isFinal)
                                .map(Enum::name)
                                .toList())
                .mapTo(Boolean.class)
                .findOne()
                .orElse(true));
    }

    /** The runs of a project that have not ended. */
    List<UUID> unfinished(UUID project) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select r.id from run r join dataset_version d on d.id = r.dataset_version_id
                        where d.project_id = :project and r.state in ('QUEUED', 'STARTING', 'RUNNING')""")
                .bind("project", project)
                .mapTo(UUID.class)
                .list());
    }

    /** Some runs of deleted projects whose trainers have ended. */
    List<UUID> ofDeletedProjects() {
        return jdbi.withHandle(
                handle -> handle.createQuery("""
                        select r.id from run r
                            join dataset_version d on d.id = r.dataset_version_id
                            join project p on p.id = d.project_id
                        where p.deleted and r.state not in ('QUEUED', 'STARTING', 'RUNNING')
                          and not exists (select from attempt a where a.run_id = r.id and not a.discarded)
                        limit 100""").mapTo(UUID.class).list());
    }

    /** The runs that should have a trainer. */
    List<Run> active() {
        return jdbi.withHandle(handle -> handle.createQuery(
                        SELECT
                                + "where r.attempt > 0 and r.not_before is null and r.state in ('QUEUED', 'STARTING', 'RUNNING') order by r.id")
                .mapTo(Run.class)
                .list());
    }

    /** Attempts that are over but whose jobs may still hold something. */
    List<Attempt> toDiscard() {
        return jdbi.withHandle(
                handle -> handle.createQuery("select * from attempt where not discarded and ended is not null")
                        .mapTo(Attempt.class)
                        .list());
    }

    /** Adds the places in the queue, which are computed once, if one of the runs waits. */
    private List<Run> placed(List<Run> found) {
        if (found.stream().noneMatch(run -> run.status().waits())) {
            return found;
        }
        Map<UUID, QueuePlace> places = queue.places(config.maxConcurrentRuns());
        return found.stream()
                .map(run -> run.status().waits() && places.containsKey(run.id()) ? run.at(places.get(run.id())) : run)
                .toList();
    }

    /** The id of a run's project; empty if the run does not exist any more. */
    static Optional<UUID> projectOf(Handle handle, UUID run) {
        return handle.createQuery(PROJECT).bind("run", run).mapTo(UUID.class).findOne();
    }
}
