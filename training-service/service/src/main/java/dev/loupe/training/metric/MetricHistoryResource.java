package dev.loupe.training.metric;

import dev.loupe.training.run.Run;
import dev.loupe.training.run.Runs;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The values of metrics during a run over HTTP. */
@Path("/api/v1/runs/{run}/metrics")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Runs")
class MetricHistoryResource {
    private final Runs runs;
    private final MetricHistory history;

    MetricHistoryResource(Runs runs, MetricHistory history) {
        this.runs = runs;
        this.history = history;
    }

    /**
     * The metrics of a run over time.
     *
     * @param stride 1 if every step is kept, n if only the steps divisible by n are
     * @param series a series for each metric, by name
     * @param notes what the losses on TRAIN and DEV show; empty if they show neither over- nor underfitting, or if the run has
     *     not succeeded
     */
    @Schema(name = "MetricHistory")
    record Series(
            @Schema(required = true) long stride,
            @Schema(required = true) List<MetricSeries> series,
            @Schema(required = true) List<LearningNote> notes) {}

    @GET
    @Operation(
            operationId = "getRunMetrics",
            summary = "The metrics of a run over time: loss, accuracy on DEV, … after each epoch",
            description = """
            What the trainers of all attempts at the run measured while they trained, up to now. 10,000 values of a run \
            are kept: of a longer one only every second step, then only every fourth, and so on; `stride` says which. The \
            metrics on the TEST images are the member `metrics` of the run. `notes` of a classifier's run that has succeeded \
            says if the losses on TRAIN and DEV show over- or underfitting, with the values that show it.""")
    public Series metrics(
            @PathParam("run") String id,
            @QueryParam("name")
                    @Parameter(description = "only metrics with one of these names")
                    @Schema(type = SchemaType.ARRAY, implementation = String.class)
                    List<String> names) {
        Run run = runs.require(id);
        return new Series(history.stride(run.id()), history.series(run.id(), names), history.notes(run));
    }
}
