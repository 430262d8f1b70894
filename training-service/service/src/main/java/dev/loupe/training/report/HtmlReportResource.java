package dev.loupe.training.report;

import dev.loupe.training.run.Run;
import dev.loupe.training.run.Runs;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Reports on evaluations over HTTP. */
@Path("/api/v1/evaluations/{evaluation}/report")
@RunOnVirtualThread
@Tag(name = "Evaluations")
class HtmlReportResource {
    private final Runs runs;
    private final HtmlReports reports;

    HtmlReportResource(Runs runs, HtmlReports reports) {
        this.runs = runs;
        this.reports = reports;
    }

    @GET
    @Produces(MediaType.TEXT_HTML)
    @Operation(
            operationId = "getEvaluationReport",
            summary = "An evaluation as one HTML file, with plots and a model card",
            description = """
            The file needs no other and runs no script. It has the figures of the evaluation and of its control, plots, the \
            surest wrong predictions with thumbnails and heatmaps, and what the model is, what its figures do not cover, and \
            how to train it again. The id may be that of a training, for the evaluation of its own model.""")
    @APIResponse(
            responseCode = "200",
            content = @Content(mediaType = "text/html", schema = @Schema(type = SchemaType.STRING, format = "binary")))
    @APIResponse(
            responseCode = "404",
            description = "`RUN_NOT_FOUND`; `EVALUATION_NOT_FOUND`: it has not succeeded, has no TEST images, or was"
                    + " made before evaluations were kept")
    public Response get(@PathParam("evaluation") String id) {
        Run run = runs.require(id);
        return Response.ok(reports.html(run), "text/html; charset=utf-8")
                .header("X-Content-Type-Options", "nosniff")
                .header(
                        "Content-Security-Policy",
                        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox")
                .header("Content-Disposition", "inline; filename=\"report-" + run.id() + ".html\"")
                .header("Cache-Control", "private, no-store") // the control may be another one the next time
                .build();
    }
}
