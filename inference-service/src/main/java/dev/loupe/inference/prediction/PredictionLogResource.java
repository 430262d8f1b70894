package dev.loupe.inference.prediction;

import dev.loupe.inference.prediction.PredictionCounts.Count;
import dev.loupe.inference.prediction.PredictionCounts.Interval;
import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelLookup;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Logged predictions over REST. */
@Path("/api/v1/models/{project}/predictions")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Prediction log")
class PredictionLogResource {
    private static final int MAX_PERIODS = 1_000;
    private static final int DEFAULT_PERIODS = 24;
    private static final int MAX_COUNTS = 10_000;

    private final ModelLookup lookup;
    private final PredictionRepository predictions;
    private final PredictionImages images;

    /** The schema of a page of logged predictions. */
    record PredictionPage(List<LoggedPrediction> items, String nextCursor) {}

    PredictionLogResource(ModelLookup lookup, PredictionRepository predictions, PredictionImages images) {
        this.lookup = lookup;
        this.predictions = predictions;
        this.images = images;
    }

    @GET
    @Operation(operationId = "loggedPredictions", summary = "Lists logged predictions, newest first")
    @APIResponse(
            responseCode = "200",
            description = "Predictions, newest first",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = PredictionPage.class)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST, INVALID_CURSOR")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND")
    public Response list(
            @PathParam("project") String project,
            @BeanParam PredictionFilter filter,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        Model model = lookup.require(project);
        PageRequest request = PageRequest.of(limit, cursor);
        List<LoggedPrediction> rows = predictions.list(model.projectId(), filter, after(request), request.limit() + 1);
        return Pages.response(Page.of(rows, request, row -> row.id().toString()), uri);
    }

    private static UUID after(PageRequest request) {
        try {
            return request.after().isEmpty() ? null : UUID.fromString(request.after());
        } catch (IllegalArgumentException e) {
            throw new ServiceException(ErrorCode.INVALID_CURSOR, "cursor: not one that an earlier page gave", e);
        }
    }

    @GET
    @Path("/counts")
    @Operation(
            operationId = "predictionCounts",
            summary = "Counts logged predictions over time, by version and label",
            description = "Of a sampled log, counts are those of the sample.")
    @APIResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = PredictionCounts.class)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST: also for more than 1,000 periods")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND")
    public PredictionCounts counts(
            @PathParam("project") String project,
            @QueryParam("from") @Parameter(description = "a time; by default 24 periods before `to`") String from,
            @QueryParam("to") @Parameter(description = "a time; by default now") String to,
            @QueryParam("interval") @DefaultValue("HOUR") Interval interval) {
        Model model = lookup.require(project);
        Instant end = to == null ? Instant.now() : PredictionFilter.time("to", to);
        Instant begin = from == null
                ? end.minus(interval.length().multipliedBy(DEFAULT_PERIODS))
                : PredictionFilter.time("from", from);
        if (begin.isAfter(end)
                || begin.plus(interval.length().multipliedBy(MAX_PERIODS)).isBefore(end)) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "from, to: expected at most %d periods of one %s, got %s to %s"
                            .formatted(MAX_PERIODS, interval.unit(), begin, end));
        }
        List<Count> counts = predictions.counts(model.projectId(), begin, end, interval, MAX_COUNTS + 1);
        if (counts.size() > MAX_COUNTS) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "from, to: expected a time with at most %d different periods, versions and labels, got more"
                            .formatted(MAX_COUNTS));
        }
        return new PredictionCounts(begin, end, interval, counts);
    }

    @GET
    @Path("/{prediction}")
    @Operation(operationId = "loggedPrediction", summary = "A logged prediction")
    @APIResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = LoggedPrediction.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, PREDICTION_NOT_FOUND")
    public LoggedPrediction prediction(@PathParam("project") String project, @PathParam("prediction") String id) {
        return predictions.require(lookup.require(project), id, false);
    }

    @GET
    @Path("/{prediction}/image")
    @Operation(operationId = "predictionImage", summary = "The image of a logged prediction, if it is kept")
    @APIResponse(
            responseCode = "200",
            description = "The encoded image, as it was sent",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_OCTET_STREAM,
                            schema = @Schema(type = SchemaType.STRING, format = "binary")))
    @APIResponse(
            responseCode = "404",
            description = "MODEL_NOT_FOUND, PREDICTION_NOT_FOUND; IMAGE_NOT_FOUND: the image is not kept")
    public Response image(@PathParam("project") String project, @PathParam("prediction") String id) {
        LoggedPrediction prediction = predictions.require(lookup.require(project), id, false);
        if (!prediction.imageKept()) {
            throw new ServiceException(
                    ErrorCode.IMAGE_NOT_FOUND,
                    "prediction " + prediction.id()
                            + ": its image is not kept, see the settings of the prediction log");
        }
        return Response.ok(
                        images.read(prediction.projectId(), prediction.id(), prediction.imageSha256()),
                        prediction.mediaType())
                .header("Cache-Control", "private, max-age=3600")
                .header("X-Content-Type-Options", "nosniff")
                .build();
    }
}
