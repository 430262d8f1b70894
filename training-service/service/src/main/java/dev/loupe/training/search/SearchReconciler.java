package dev.loupe.training.search;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.run.RunReconciler;
import dev.loupe.training.run.RunTransitions;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Periodically continues the searches that have not ended. It keeps no state: a search continues after a restart, or in
 * another replica.
 */
@ApplicationScoped
class SearchReconciler {
    private static final Logger LOG = Logger.getLogger(SearchReconciler.class);

    private final Searches searches;
    private final SearchSteps steps;
    private final RunTransitions transitions;
    private final RunReconciler runs;

    SearchReconciler(Searches searches, SearchSteps steps, RunTransitions transitions, RunReconciler runs) {
        this.searches = searches;
        this.steps = steps;
        this.transitions = transitions;
        this.runs = runs;
    }

    @Scheduled(
            every = "${loupe.training.reconcile-interval:1s}",
            delayed = "${loupe.training.reconcile-interval:1s}",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    @RunOnVirtualThread
    void reconcile() {
        try {
            searches.unfinished().forEach(this::advance);
        } catch (RuntimeException e) {
            LOG.warnf("reconciling searches failed, will retry: %s", e);
        }
    }

    /** Continues a search. A failure does not affect other searches. */
    void advance(UUID id) {
        try {
            if (searches.require(id.toString()).status().state().isFinal()) {
                cancelRuns(id);
            }
            if (steps.advance(id)) {
                runs.requestReconcile();
            }
        } catch (RuntimeException e) {
            LOG.warnf("search %s: %s; will retry", id, e);
        }
    }

    /** Cancels the runs of a search that goes on no longer. */
    private void cancelRuns(UUID id) {
        for (UUID run : searches.unfinishedRuns(id)) {
            try {
                transitions.cancel(run, "search " + id);
            } catch (ServiceException e) {
                if (e.code() != ErrorCode.RUN_FINISHED) {
                    throw e;
                }
            }
            runs.requestReconcile();
        }
    }
}
