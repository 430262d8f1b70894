package dev.loupe.inference.serve;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.oip.v2.InferStatistics;
import dev.loupe.oip.v2.ModelStatisticsResponse;
import dev.loupe.service.access.CurrentCaller;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Triton's extension "Statistics" over HTTP. */
@Path("/v2")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Open Inference Protocol")
class StatisticsResource {
    private final RepositoryExtension repository;
    private final CurrentCaller caller;

    /** What versions have predicted in this replica. */
    @JsonNaming(SnakeCaseStrategy.class)
    record ServingStatistics(List<VersionFigures> modelStats) {
        static ServingStatistics of(ModelStatisticsResponse message) {
            return new ServingStatistics(
                    message.getModelStatsList().stream().map(VersionFigures::of).toList());
        }
    }

    /**
     * The figures of one version.
     *
     * @param lastInference milliseconds since 1970, 0 if there was none
     * @param inferenceCount images
     * @param executionCount executions of the model: one for each request
     */
    @JsonNaming(SnakeCaseStrategy.class)
    record VersionFigures(
            String name,
            String version,
            long lastInference,
            long inferenceCount,
            long executionCount,
            Durations inferenceStats,
            List<BatchDurations> batchStats) {
        static VersionFigures of(dev.loupe.oip.v2.ModelStatistics message) {
            return new VersionFigures(
                    message.getName(),
                    message.getVersion(),
                    message.getLastInference(),
                    message.getInferenceCount(),
                    message.getExecutionCount(),
                    Durations.of(message.getInferenceStats()),
                    message.getBatchStatsList().stream()
                            .map(batch -> new BatchDurations(
                                    batch.getBatchSize(),
                                    Total.of(batch.getComputeInput()),
                                    Total.of(batch.getComputeInfer()),
                                    Total.of(batch.getComputeOutput())))
                            .toList());
        }
    }

    /** How often something was done, and how many nanoseconds it took in total. */
    record Total(long count, long ns) {
        static Total of(dev.loupe.oip.v2.StatisticDuration message) {
            return new Total(message.getCount(), message.getNs());
        }
    }

    /** The durations of requests. */
    @JsonNaming(SnakeCaseStrategy.class)
    record Durations(
            Total success, Total fail, Total queue, Total computeInput, Total computeInfer, Total computeOutput) {
        static Durations of(InferStatistics message) {
            return new Durations(
                    Total.of(message.getSuccess()),
                    Total.of(message.getFail()),
                    Total.of(message.getQueue()),
                    Total.of(message.getComputeInput()),
                    Total.of(message.getComputeInfer()),
                    Total.of(message.getComputeOutput()));
        }
    }

    /** The durations of requests with the same number of images. */
    @JsonNaming(SnakeCaseStrategy.class)
    record BatchDurations(long batchSize, Total computeInput, Total computeInfer, Total computeOutput) {}

    StatisticsResource(RepositoryExtension repository, CurrentCaller caller) {
        this.caller = caller;
        this.repository = repository;
    }

    @GET
    @Path("/models/stats")
    @Operation(summary = "What all versions have predicted in this replica, and how long it took")
    public ServingStatistics all() {
        return ServingStatistics.of(repository.statistics(caller.get().tenant(), "", ""));
    }

    @GET
    @Path("/models/{model}/stats")
    @Operation(summary = "What the versions of a model have predicted in this replica, and how long it took")
    @APIResponse(responseCode = "200", description = "Versions that are in memory or have predicted")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND")
    public ServingStatistics statistics(@PathParam("model") String model) {
        return ServingStatistics.of(repository.statistics(caller.get().tenant(), model, ""));
    }

    @GET
    @Path("/models/{model}/versions/{version:[^/]+}/stats")
    @Operation(summary = "What a version has predicted in this replica, and how long it took")
    @APIResponse(responseCode = "200", description = "One version")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    public ServingStatistics versionStatistics(@PathParam("model") String model, @PathParam("version") String version) {
        return ServingStatistics.of(repository.statistics(caller.get().tenant(), model, version));
    }
}
