package dev.loupe.training.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.training.TrainerReport;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.database.Ids;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.telemetry.TraceParent;
import dev.loupe.service.telemetry.WorkScope;
import dev.loupe.training.launch.TrainerResources;
import dev.loupe.training.queue.TrainingQueue;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.transaction.Transactional;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Update;

/**
 * All changes of a run. Each transition is a compare-and-set on state and attempt: if two replicas, or a cancellation
 * and an end, compete, one succeeds and the other learns that it did not.
 */
@ApplicationScoped
public class RunTransitions {
    /** Key of the advisory lock; arbitrary, but not used for anything else in this schema. */
    private static final long ADMISSION = 7_301_645_002L;

    private static final Logger LOG = Logger.getLogger(RunTransitions.class);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Jdbi jdbi;
    private final ObjectMapper json;
    private final Audit audit;
    private final ProducedPackages packages;
    private final Event<RunChanged> changes;
    private final TrainingQueue queue;

    RunTransitions(
            Jdbi jdbi,
            ObjectMapper json,
            Audit audit,
            ProducedPackages packages,
            Event<RunChanged> changes,
            TrainingQueue queue) {
        this.queue = queue;
        this.jdbi = jdbi;
        this.json = json;
        this.audit = audit;
        this.packages = packages;
        this.changes = changes;
    }

    /**
     * Adds a run to the queue. The lock on the dataset version excludes its deletion until the run refers to it.
     *
     * @throws ServiceException {@code DATASET_VERSION_NOT_FOUND} if the version was deleted meanwhile
     */
    @Transactional
    public UUID submit(Submission asked, String actor) {
        UUID id = Ids.next();
        RunKind kind = asked.kind();
        int added = jdbi.withHandle(handle -> handle.createUpdate("""
                        insert into run (id, dataset_version_id, kind, imported_model_id, recipe, resources, seed,
                            register, priority, gpus, search_id, dev_only, with_control, check_labels, traceparent)
                        select :id, d.id, :kind, :imported, :recipe::json, :resources::jsonb, :seed, :register,
                            :priority, :gpus, :search, :devOnly, :withControl, :checkLabels, :traceparent
                        from dataset_version d where d.id = :version and d.deleted_at is null for share""")
                .bind("id", id)
                .bind("version", asked.version().id())
                .bind("kind", kind.name())
                .bind("imported", asked.importedModel())
                .bind("recipe", write(asked.recipe()))
                .bind("resources", asked.resources().equals(TrainerResources.DEFAULT) ? null : write(asked.resources()))
                .bind("seed", asked.seed())
                .bind("register", asked.register())
                .bind("priority", asked.priority())
                .bind("gpus", asked.gpus())
                .bind("search", asked.search())
                .bind("devOnly", asked.devOnly())
                .bind("withControl", asked.withControl())
                .bind("checkLabels", asked.checkLabels())
                .bind("traceparent", TraceParent.current())
                .execute());
        if (added == 0) {
            throw new ServiceException(
                    ErrorCode.DATASET_VERSION_NOT_FOUND,
                    "project '" + asked.version().projectName() + "': dataset version "
                            + asked.version().number() + " was deleted");
        }
        audit.record(Change.of(asked.version().projectId(), actor, "run.submit", id.toString())
                .detail(asked.subject() + " on " + asked.version().projectName() + " version "
                        + asked.version().number()));
        try (WorkScope _ = WorkScope.open(Map.of(
                WorkScope.RUN, id.toString(), WorkScope.PROJECT, asked.version().projectName()))) {
            LOG.infof("run %s QUEUED: %s", id, kind == RunKind.TRAINING ? asked.recipe() : asked.subject());
        }
        return id;
    }

    /**
     * Starts an attempt for each run whose turn it is: the first, or another one after a wait for disk space.
     *
     * @param trainers most trainers at the same time
     * @return the ids of the runs, in queue order
     */
    @Transactional
    List<UUID> startAttempts(int trainers) {
        return jdbi.withHandle(handle -> {
            handle.createQuery("select pg_advisory_xact_lock(:lock + hashtext(current_schema())) is null")
                    .bind("lock", ADMISSION)
                    .mapTo(Boolean.class)
                    .one(); // two replicas must not both count the same free trainer
            List<UUID> admitted = new ArrayList<>();
            for (UUID id : queue.next(trainers)) {
                handle.createQuery("""
                                update run set state = :to, attempt = attempt + 1, reason = null,
                                    not_before = null, started_at = coalesce(started_at, now()), revision = revision + 1
                                where id = :id and state in (<from>) and (attempt = 0 or not_before <= now())
                                returning attempt""")
                        .bind("id", id)
                        .bind("to", Transition.START_ATTEMPT.to())
                        .bindList("from", Transition.START_ATTEMPT.from())
                        .mapTo(Integer.class)
                        .findOne()
                        .ifPresent(attempt -> {
                            addAttempt(id, attempt);
                            admitted.add(id);
                            changes.fire(new RunChanged(id));
                        });
            }
            return admitted;
        });
    }

    /** The current attempt's trainer was observed running. */
    @Transactional
    boolean running(Run run) {
        return become(
                run,
                Transition.STARTED,
                run.status().state() == RunState.QUEUED ? null : run.status().reason());
    }

    /** The current attempt's trainer has a place in the cluster and is about to start. */
    @Transactional
    boolean starting(Run run) {
        return become(run, Transition.PLACED, null);
    }

    /**
     * The current attempt's trainer has no place in the cluster, or has lost it, and waits. A repeated reason changes
     * nothing.
     */
    @Transactional
    boolean waiting(Run run, String reason) {
        return become(run, Transition.DISPLACED, reason);
    }

    private boolean become(Run run, Transition transition, String reason) {
        boolean moved = jdbi.withHandle(handle -> moving(handle.createUpdate("""
                                update run set state = :to, reason = :reason, revision = revision + 1
                                where id = :id and attempt = :attempt and state in (<from>)
                                    and (state <> :to or reason is distinct from :reason)"""), run, transition)
                        .bind("reason", reason)
                        .execute())
                == 1;
        if (moved) {
            changes.fire(new RunChanged(run.id()));
        }
        return moved;
    }

    /**
     * The current attempt has succeeded. The events are added in the same transaction.
     *
     * @param labelIssues its document of labels that are probably wrong, empty if it has none
     */
    @Transactional
    boolean succeed(Run run, TrainerResult result, Optional<StoredDocument> labelIssues) {
        int moved = jdbi.withHandle(handle -> moving(handle.createUpdate("""
                                update run set state = :to, reason = null, metrics = :metrics::jsonb,
                                    dev_metrics = :devMetrics::jsonb,
                                    train_seconds = :seconds, resumed_from = :resumedFrom, selection = :selection::jsonb,
                                    control = :control::jsonb, warnings = :warnings::jsonb,
                                    finished_at = now(), revision = revision + 1
                                where id = :id and attempt = :attempt and state in (<from>)"""), run, Transition.SUCCEED)
                .bind("metrics", write(result.metrics()))
                .bind("devMetrics", write(result.devMetrics()))
                .bind("seconds", result.trainSeconds())
                .bind("resumedFrom", result.resumedFrom())
                .bind("selection", result.selection() == null ? null : write(result.selection()))
                .bind("control", result.control() == null ? null : write(result.control()))
                .bind("warnings", write(result.warnings()))
                .execute());
        if (moved == 1) {
            endAttempts(run.id(), Attempt.SUCCEEDED, RunState.SUCCEEDED);
            if (run.settings().register()) {
                packages.publish(run, result);
            }
            if (run.settings().kind() == RunKind.EVALUATION) {
                packages.publishEvaluation(run, result);
            }
            labelIssues.ifPresent(issues -> packages.publishLabelIssues(run, issues));
        }
        return moved == 1;
    }

    /** The run has failed and gets no further attempt. */
    @Transactional
    boolean fail(Run run, String reason) {
        boolean moved = jdbi.withHandle(handle -> moving(handle.createUpdate("""
                                update run set state = :to, reason = :reason, finished_at = now(), revision = revision + 1
                                where id = :id and attempt = :attempt and state in (<from>)"""), run, Transition.FAIL)
                        .bind("reason", reason)
                        .execute())
                == 1;
        if (moved) {
            endAttempts(run.id(), reason, RunState.FAILED);
        }
        return moved;
    }

    /** The current attempt has failed; starts the next one. */
    @Transactional
    boolean retry(Run run, String reason) {
        boolean moved = jdbi.withHandle(handle -> moving(handle.createUpdate("""
                                update run set state = :to, attempt = attempt + 1, reason = :reason,
                                    report_sequence = 0, progress = null, revision = revision + 1
                                where id = :id and attempt = :attempt and state in (<from>)"""), run, Transition.RETRY)
                        .bind("reason", "attempt " + run.status().attempt() + ": " + reason)
                        .execute())
                == 1;
        if (moved) {
            endAttempts(run.id(), reason, null);
            addAttempt(run.id(), run.status().attempt() + 1);
        }
        return moved;
    }

    /**
     * The current attempt failed through no fault of the run: its trainer found no disk space. The attempt does not
     * count, and the run returns to the queue after a pause.
     */
    @Transactional
    boolean requeueWithBackoff(Run run, String reason, Instant notBefore) {
        boolean moved = jdbi.withHandle(handle -> moving(handle.createUpdate("""
                                update run set state = :to, uncounted_attempts = uncounted_attempts + 1, not_before = :notBefore,
                                    reason = :reason, report_sequence = 0, progress = null, revision = revision + 1
                                where id = :id and attempt = :attempt and state in (<from>)
                                    and not_before is null"""), run, Transition.REQUEUE)
                        .bind("reason", reason)
                        .bind("notBefore", notBefore)
                        .execute())
                == 1;
        if (moved) {
            endAttempts(run.id(), reason, null);
        }
        return moved;
    }

    /**
     * Cancels a run for a user. Does nothing if the run is already cancelled.
     *
     * @throws ServiceException {@code RUN_FINISHED} if it has ended in another state
     */
    @Transactional
    public void cancel(UUID id, String actor) {
        int moved = jdbi.withHandle(handle -> handle.createUpdate("""
                        update run set state = :to, reason = :reason, finished_at = now(),
                            revision = revision + 1
                        where id = :id and state in (<from>)""")
                .bind("id", id)
                .bind("to", Transition.CANCEL.to())
                .bind("reason", "cancelled by " + actor)
                .bindList("from", Transition.CANCEL.from())
                .execute());
        if (moved == 1) {
            endAttempts(id, "cancelled", RunState.CANCELLED);
            UUID project = jdbi.withHandle(handle -> Runs.projectOf(handle, id)).orElseThrow();
            audit.record(Change.of(project, actor, "run.cancel", id.toString()));
            return;
        }
        String state = jdbi.withHandle(handle -> handle.createQuery("select state from run where id = :id")
                        .bind("id", id)
                        .mapTo(String.class)
                        .findOne())
                .orElseThrow(() -> Runs.notFound(id.toString()));
        if (!state.equals(RunState.CANCELLED.name())) {
            throw new ServiceException(
                    ErrorCode.RUN_FINISHED, "run " + id + " is " + state + ": there is nothing to cancel");
        }
    }

    /**
     * Applies a trainer's report. A report that is older than the last one is ignored.
     *
     * @return whether the attempt is still in progress
     */
    @Transactional
    public boolean report(UUID id, TrainerReport report) {
        RunProgress progress = new RunProgress(
                report.phase(),
                report.done(),
                report.total(),
                report.imagesPerSecond(),
                report.etaSeconds(),
                report.metrics());
        boolean goesOn = jdbi.withHandle(handle -> handle.createUpdate("""
                                update run set
                                    state = case state when 'STARTING' then 'RUNNING' else state end,
                                    progress = case when report_sequence < :sequence then :progress::jsonb else progress end,
                                    report_sequence = greatest(report_sequence, :sequence),
                                    revision = revision + 1
                                where id = :id and attempt = :attempt and not_before is null
                                    and state in ('QUEUED', 'STARTING', 'RUNNING')""")
                        .bind("id", id)
                        .bind("attempt", report.attempt())
                        .bind("sequence", report.sequence())
                        .bind("progress", write(progress))
                        .execute())
                == 1;
        changes.fire(new RunChanged(id));
        return goesOn;
    }

    /** Marks the job of an ended attempt as discarded: it holds nothing any more. */
    @Transactional
    void discarded(Attempt attempt) {
        jdbi.useHandle(handle -> handle.createUpdate(
                        "update attempt set discarded = true where run_id = :id and number = :number")
                .bind("id", attempt.runId())
                .bind("number", attempt.number())
                .execute());
    }

    private static Update moving(Update update, Run run, Transition transition) {
        return update.bind("id", run.id())
                .bind("attempt", run.status().attempt())
                .bind("to", transition.to())
                .bindList("from", transition.from());
    }

    private void addAttempt(UUID run, int number) {
        byte[] token = new byte[24];
        RANDOM.nextBytes(token);
        jdbi.useHandle(handle -> handle.createUpdate(
                        "insert into attempt (run_id, number, token) values (:run, :number, :token)")
                .bind("run", run)
                .bind("number", number)
                .bind("token", HexFormat.of().formatHex(token))
                .execute());
    }

    /** @param ended the final state that the run reached, null if another attempt follows */
    private void endAttempts(UUID run, String how, RunState ended) {
        jdbi.useHandle(handle ->
                handle.createUpdate("""
                        update attempt set ended = :how, ended_at = now()
                        where run_id = :run and ended is null""").bind("run", run).bind("how", how).execute());
        changes.fire(new RunChanged(run, ended));
    }

    private String write(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // our own records always serialize
        }
    }
}
