package dev.loupe.training.result;

import dev.loupe.contracts.training.LearningCurve;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.training.run.Run;
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

/** Whether more images would help, as the trainer of a run measured it, over HTTP. */
@Path("/api/v1/runs/{run}/learning-curve")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Runs")
class LearningCurveResource {
    private static final RunDocuments.Kind<LearningCurve> KIND = new RunDocuments.Kind<>(
            LearningCurve.class,
            LearningCurve.MAX_BYTES,
            "learning curve",
            ErrorCode.LEARNING_CURVE_NOT_FOUND,
            "its trainer did not measure it");

    private final Runs runs;
    private final RunDocuments documents;

    LearningCurveResource(Runs runs, RunDocuments documents) {
        this.runs = runs;
        this.documents = documents;
    }

    @GET
    @Operation(operationId = "getRunLearningCurve", summary = "Whether more TRAIN images would help", description = """
            The accuracy on DEV of linear heads that have learned from an eighth, a quarter, half and all of the TRAIN \
            images, a power law through it, and what twice as many images are expected to gain, with its 95 % interval. \
            With `skipped`, it was not measured.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = LearningCurve.class)))
    @APIResponse(
            responseCode = "404",
            description = "`RUN_NOT_FOUND`; `LEARNING_CURVE_NOT_FOUND`: it has not succeeded, is no training of a"
                    + " classifier, was submitted with `checkLabels` false, or was trained before it was measured")
    public LearningCurve get(@PathParam("run") String id) {
        Run run = runs.require(id);
        RunDocuments.requireSucceeded(run, KIND);
        return documents.read(run, LearningCurve.key(run.status().attempt()), KIND);
    }
}
