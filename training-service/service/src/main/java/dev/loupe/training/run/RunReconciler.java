package dev.loupe.training.run;

import dev.loupe.contracts.training.TrainerExit;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Failure;
import dev.loupe.service.telemetry.WorkScope;
import dev.loupe.training.launch.JobLauncher;
import dev.loupe.training.launch.JobName;
import dev.loupe.training.launch.JobsChanged;
import dev.loupe.training.launch.LaunchException;
import dev.loupe.training.launch.ObservedJob;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/**
 * Periodically compares the runs that should have a trainer with the jobs that exist and with the results of attempts
 * in object storage. It keeps no state: a missed change is found by the next pass, even after a restart or by another
 * replica.
 */
@ApplicationScoped
public class RunReconciler {
    private static final Logger LOG = Logger.getLogger(RunReconciler.class);
    private static final Duration MAX_PAUSE = Duration.ofMinutes(10);
    private static final int MAX_DOUBLINGS = 20;

    private final Runs runs;
    private final RunTransitions transitions;
    private final RunObjects objects;
    private final TrainerSpecs specs;
    private final JobLauncher launcher;
    private final RunConfig config;
    private final ReentrantLock pass = new ReentrantLock();
    private final AtomicBoolean requested = new AtomicBoolean();
    private boolean observationFailed; // accessed only within a pass

    RunReconciler(
            Runs runs,
            RunTransitions transitions,
            RunObjects objects,
            TrainerSpecs specs,
            JobLauncher launcher,
            RunConfig config) {
        this.runs = runs;
        this.transitions = transitions;
        this.objects = objects;
        this.specs = specs;
        this.launcher = launcher;
        this.config = config;
    }

    void on(@Observes JobsChanged change) {
        requestReconcile();
    }

    /** Requests a pass. Returns at once. */
    public void requestReconcile() {
        if (requested.compareAndSet(false, true)) {
            Thread.ofVirtual().name("reconcile").start(this::reconcile);
        }
    }

    @Scheduled(
            every = "${loupe.training.reconcile-interval:1s}",
            delayed = "${loupe.training.reconcile-interval:1s}",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    void reconcile() {
        pass.lock();
        try {
            requested.set(false); // a request after this line leads to another pass
            // The order matters: a run that is RUNNING has an observable trainer, unless it is gone; and a trainer that
            // is observed as ended has written its result before.
            List<Run> active = runs.active();
            Optional<Map<JobName, ObservedJob>> jobs = active.isEmpty() ? Optional.of(Map.of()) : observeJobs();
            for (Run run : active) {
                attempt(run, () -> settle(run, jobs));
            }
            if (jobs.isEmpty()) {
                return;
            }
            for (UUID id : transitions.startAttempts(config.maxConcurrentRuns())) {
                Run run = runs.find(id).orElseThrow();
                attempt(run, () -> launch(run));
            }
            cleanUp();
        } catch (RuntimeException e) {
            LOG.warnf("reconciling runs failed, will retry: %s", e);
        } finally {
            pass.unlock();
        }
    }

    /** Runs a step for one run. A failure does not affect other runs; if the state is unknown, nothing is decided. */
    private static void attempt(Run run, Runnable step) {
        try (WorkScope _ = run.scope()) {
            attempt(run.job(), step);
        }
    }

    private static void attempt(JobName job, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            LOG.warnf("%s: %s; will retry", job, e);
        }
    }

    /** Observes the jobs. Empty if the state is unknown at the moment: then only runs with a result are settled. */
    private Optional<Map<JobName, ObservedJob>> observeJobs() {
        try {
            Optional<Map<JobName, ObservedJob>> jobs = Optional.of(launcher.observe());
            if (observationFailed) {
                LOG.info("the jobs can be observed again");
                observationFailed = false;
            }
            return jobs;
        } catch (RuntimeException e) {
            if (!observationFailed) { // log once per outage, not each second
                LOG.warnf("the jobs can't be observed, will retry: %s", e.getMessage());
                observationFailed = true;
            }
            return Optional.empty();
        }
    }

    private void settle(Run run, Optional<Map<JobName, ObservedJob>> jobs) {
        Optional<TrainerResult> result = objects.result(run);
        if (result.isPresent()) {
            conclude(run, result.get());
        } else if (jobs.isPresent()) {
            settle(run, jobs.get().get(run.job()));
        }
    }

    /**
     * @param job the observed job; null if there is none
     */
    private void settle(Run run, ObservedJob job) {
        switch (job) {
            case null -> {
                if (run.status().state() == RunState.RUNNING) {
                    retry(run, "its trainer is gone");
                } else {
                    launch(run);
                }
            }
            case ObservedJob.IncompleteLaunch _ -> launch(run);
            case ObservedJob.Pending(String reason) -> {
                if (!reason.isEmpty()) {
                    transitions.waiting(run, reason);
                } else if (run.status().state() == RunState.QUEUED) {
                    transitions.starting(run);
                } // else it is starting, or its first report arrived before the job was observed
            }
            case ObservedJob.Suspended(String reason) -> transitions.waiting(run, reason);
            case ObservedJob.Running _ -> {
                if (run.status().state() != RunState.RUNNING) {
                    transitions.running(run);
                }
            }
            case ObservedJob.Ended ended -> handleLostTrainer(run, ended);
        }
    }

    private void conclude(Run run, TrainerResult result) {
        switch (result.outcome()) {
            case SUCCEEDED -> {
                if (transitions.succeed(run, result, objects.labelIssues(run))) {
                    LOG.infof("run %s SUCCEEDED: %s", run.id(), result.metrics());
                }
            }
            case FAILED -> {
                Failure failure = result.failure();
                String reason = failure.reason() + ": " + failure.message();
                if (failure.reason().equals(Failure.NO_SPACE)) {
                    postpone(run, reason);
                } else if (failure.retryable()) {
                    retry(run, reason);
                } else {
                    fail(run, reason);
                }
            }
            // Cancelled runs are not active: this trainer was stopped in an attempt that is no longer the current one.
            case CANCELLED -> retry(run, "its trainer was told to stop");
        }
    }

    private void handleLostTrainer(Run run, ObservedJob.Ended end) {
        String how =
                end.exitCode().isPresent() ? " with exit code " + end.exitCode().getAsInt() : "";
        String reason = end.reason().isEmpty() ? "its trainer ended" + how + " and left no result" : end.reason();
        if (end.exitCode().equals(OptionalInt.of(TrainerExit.BAD_CONFIGURATION))) {
            fail(run, "BAD_CONFIGURATION: " + reason + "; its log says why");
        } else if (end.exitCode().equals(OptionalInt.of(TrainerExit.NO_SPACE))) {
            postpone(run, Failure.NO_SPACE + ": the trainer found its disk full");
        } else {
            retry(run, reason);
        }
    }

    private void retry(Run run, String reason) {
        int counted = run.status().attempt() - run.status().uncountedAttempts();
        if (counted >= config.maxAttempts()) {
            fail(run, reason + " (" + counted + " attempts)");
        } else if (transitions.retry(run, reason)) {
            LOG.infof("%s: %s", run.job().value(), reason);
            Run next = runs.find(run.id()).orElseThrow();
            try (WorkScope _ = next.scope()) {
                launch(next);
            }
        }
    }

    private void postpone(Run run, String reason) {
        Duration pause =
                config.spaceBackoff().multipliedBy(1L << Math.min(run.status().uncountedAttempts(), MAX_DOUBLINGS));
        Instant next = Instant.now().plus(pause.compareTo(MAX_PAUSE) < 0 ? pause : MAX_PAUSE);
        String said = reason + "; this attempt does not count, the next one starts after "
                + next.truncatedTo(ChronoUnit.SECONDS);
        if (transitions.requeueWithBackoff(run, said, next)) {
            LOG.infof("%s: %s", run.job().value(), said);
        }
    }

    private void fail(Run run, String reason) {
        if (transitions.fail(run, reason)) {
            LOG.infof("run %s FAILED: %s", run.id(), reason);
        }
    }

    private void launch(Run run) {
        Attempt attempt = runs.attempts(run.id()).stream()
                .filter(one -> one.number() == run.status().attempt())
                .findFirst()
                .orElseThrow();
        try {
            launcher.launch(
                    run.job(),
                    attempt.token(),
                    run.settings().resources(),
                    run.settings().priority(),
                    specs.of(run));
            if (!isCurrent(run)) {
                launcher.stop(run.job()); // the run ended during the launch: the cleanup did not see its Job
            }
        } catch (LaunchException e) {
            switch (e.consequence()) {
                case RETRY -> {
                    LOG.error(e.getMessage(), e);
                    retry(run, e.getMessage());
                }
                case WAIT -> transitions.waiting(run, e.getMessage());
                case NONE -> fail(run, e.getMessage());
            }
        }
    }

    private boolean isCurrent(Run run) {
        Run now = runs.find(run.id()).orElseThrow();
        return now.status().attempt() == run.status().attempt()
                && !now.status().state().isFinal();
    }

    private void cleanUp() {
        List<Attempt> over = runs.toDiscard();
        Map<JobName, ObservedJob> jobs = over.isEmpty() ? Map.of() : launcher.observe();
        for (Attempt one : over) {
            try (WorkScope _ = one.scope()) {
                attempt(one.job(), () -> {
                    switch (jobs.get(one.job())) {
                        case ObservedJob.IncompleteLaunch _,
                                ObservedJob.Pending _,
                                ObservedJob.Suspended _,
                                ObservedJob.Running _ -> launcher.stop(one.job());
                        case ObservedJob.Ended _ -> discard(one);
                        case null -> discard(one);
                    }
                });
            }
        }
    }

    private void discard(Attempt over) {
        launcher.discard(over.job());
        if (!over.hasSucceeded()) {
            objects.deleteTestResults(over);
        }
        if (runs.find(over.runId()).orElseThrow().status().state().isFinal()) {
            objects.deleteCheckpoints(over.runId());
        }
        transitions.discarded(over);
    }
}
