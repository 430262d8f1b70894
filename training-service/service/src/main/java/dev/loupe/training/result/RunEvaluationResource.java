package dev.loupe.training.result;

import dev.loupe.training.run.Runs;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The evaluations of runs over HTTP. */
@Path("/api/v1/runs/{run}/evaluation")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Runs")
class RunEvaluationResource {
    private final Runs runs;
    private final RunEvaluations evaluations;

    RunEvaluationResource(Runs runs, RunEvaluations evaluations) {
        this.runs = runs;
        this.evaluations = evaluations;
    }

    @GET
    @Operation(
            operationId = "getRunEvaluation",
            summary = "How well the model of a run does on the TEST images",
            description = """
            Metrics with 95 % bootstrap intervals, figures of each label, confusion matrix, ROC and precision-recall \
            curves, and the calibration of a classifier or the scores of an anomaly detector. The definitions are those \
            of scikit-learn 1.x; figures that are not defined for these images are absent. A curve has at most 200 \
            points; the areas are computed from all. Only the 20 labels with the lowest average precision have curves. \
            The trainer stored it, and it never changes. `control` is that of the run.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = RunEvaluation.class)))
    @APIResponse(
            responseCode = "404",
            description = "`RUN_NOT_FOUND`; `EVALUATION_NOT_FOUND`: it has not succeeded, has no TEST images, or was"
                    + " trained before evaluations were kept")
    public RunEvaluation get(@PathParam("run") String id) {
        return evaluations.require(runs.require(id));
    }
}
