package dev.loupe.training.trainerapi;

import dev.loupe.contracts.training.TrainerReport;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.metric.MetricHistory;
import dev.loupe.training.run.Attempt;
import dev.loupe.training.run.RunReconciler;
import dev.loupe.training.run.RunTransitions;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** Receives the progress reports of trainers. */
@Path("/internal/runs")
@RunOnVirtualThread
class ReportResource {
    private final AttemptTokens tokens;
    private final RunTransitions transitions;
    private final RunReconciler reconciler;
    private final MetricHistory history;

    ReportResource(AttemptTokens tokens, RunTransitions transitions, RunReconciler reconciler, MetricHistory history) {
        this.tokens = tokens;
        this.transitions = transitions;
        this.reconciler = reconciler;
        this.history = history;
    }

    @POST
    @Path("/{run}/attempts/{attempt}/reports")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(hidden = true)
    public void report(
            @PathParam("run") String id,
            @PathParam("attempt") int number,
            @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization,
            TrainerReport report) {
        Fields.requirePresent("body", report);
        Attempt attempt = tokens.require(id, number, authorization);
        if (report.attempt() != number || report.phase() == null) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "report: expected a phase of attempt " + number + ", got '" + report.phase() + "' of "
                            + report.attempt());
        }
        // Also after the end of the attempt: the last points may arrive after the result was read.
        history.add(attempt.runId(), number, report.points());
        if (!transitions.report(attempt.runId(), report)) {
            throw new ServiceException(ErrorCode.ATTEMPT_OVER, attempt + " is over: " + attempt.ended());
        }
        if (report.total() > 0 && report.done() >= report.total()) {
            reconciler.requestReconcile(); // it may be the last report
        }
    }
}
