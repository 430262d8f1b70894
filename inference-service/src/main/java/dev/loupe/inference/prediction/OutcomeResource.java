package dev.loupe.inference.prediction;

import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelLookup;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Outcomes of predictions, and the metrics that follow from them, over REST. */
@Path("/api/v1/models/{project}")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Prediction log")
class OutcomeResource {
    private static final Duration DEFAULT_TIME = Duration.ofDays(30);
    private static final Duration MAX_TIME = Duration.ofDays(400);

    private final ModelLookup lookup;
    private final Outcomes outcomes;
    private final PredictionRepository predictions;

    /** The truth about a prediction. */
    @Schema(name = "PredictionOutcome")
    record NewOutcome(
            @Schema(required = true, description = "the right label; in anomaly detection normal or abnormal")
            String label) {}

    OutcomeResource(ModelLookup lookup, Outcomes outcomes, PredictionRepository predictions) {
        this.lookup = lookup;
        this.outcomes = outcomes;
        this.predictions = predictions;
    }

    @PUT
    @Path("/predictions/{prediction}/outcome")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "reportOutcome",
            summary = "Reports the truth about a logged prediction",
            description = "The same label again changes nothing. Another label is a correction: it is recorded in the "
                    + "audit log, and increases the revision.")
    @APIResponse(
            responseCode = "200",
            description = "The prediction with its outcome",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = LoggedPrediction.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, PREDICTION_NOT_FOUND")
    @APIResponse(responseCode = "422", description = "LABEL_INVALID")
    public LoggedPrediction report(
            @PathParam("project") String project,
            @PathParam("prediction") String prediction,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            NewOutcome outcome) {
        Fields.requirePresent("body", outcome);
        return outcomes.report(project, prediction, outcome.label(), actor);
    }

    @GET
    @Path("/live-metrics")
    @Operation(
            operationId = "liveMetrics",
            summary = "How right the logged predictions were, by version and day",
            description = "Of the predictions whose outcome was reported: shares with 95 % confidence intervals by "
                    + "Wilson, and the confusion of labels.")
    @APIResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = LiveMetrics.class)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST: also for more than 400 days")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND")
    public LiveMetrics metrics(
            @PathParam("project") String project,
            @QueryParam("version") @Parameter(description = "only of this model version") Integer version,
            @QueryParam("from") @Parameter(description = "a time; by default 30 days before `to`") String from,
            @QueryParam("to") @Parameter(description = "a time; by default now") String to) {
        Model model = lookup.require(project);
        Instant end = to == null ? Instant.now() : PredictionFilter.time("to", to);
        Instant begin = from == null ? end.minus(DEFAULT_TIME) : PredictionFilter.time("from", from);
        if (begin.isAfter(end) || begin.plus(MAX_TIME).isBefore(end)) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "from, to: expected at most %d days, got %s to %s".formatted(MAX_TIME.toDays(), begin, end));
        }
        return LiveMetrics.of(begin, end, model.task(), predictions.outcomes(model.projectId(), version, begin, end));
    }
}
