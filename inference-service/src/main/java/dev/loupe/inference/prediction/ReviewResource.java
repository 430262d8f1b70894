package dev.loupe.inference.prediction;

import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelLookup;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Logged predictions that a person should look at, over REST. */
@Path("/api/v1/models/{project}")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Prediction log")
class ReviewResource {
    private static final Duration DEFAULT_TIME = Duration.ofDays(7);
    private static final Duration MAX_TIME = Duration.ofDays(31);
    private static final int MAX_ITEMS = 100;

    private final ModelLookup lookup;
    private final PredictionRepository predictions;

    /** Why predictions are in the review queue. */
    @Schema(name = "ReviewKind")
    enum Kind {
        /** Of a detector: the score is close to the threshold. The closest first. */
        NEAR_THRESHOLD("threshold <> 0", "abs(score / threshold - 1), id desc"),
        /** Of a classifier: two labels are almost equally probable. The smallest margin first. */
        CONTESTED("margin is not null", "margin, id desc"),
        /** In a window that has drifted. The newest first. */
        DRIFTED("""
                exists (select from drift_window w where w.project_id = prediction.project_id
                    and w.version = prediction.version and w.drifted
                    and prediction.id between w.first_id and w.last_id)""", "id desc"),
        /** A random sample, in an order that stays the same. */
        AUDIT("true", "md5(cast(id as text))");

        private final String condition;
        private final String order;

        Kind(String condition, String order) {
            this.condition = condition;
            this.order = order;
        }

        /** Condition in SQL. */
        String condition() {
            return condition;
        }

        /** Order in SQL. */
        String order() {
            return order;
        }
    }

    /** Predictions to look at, in order. */
    @Schema(name = "ReviewQueue")
    record Queue(Kind kind, List<LoggedPrediction> items) {}

    ReviewResource(ModelLookup lookup, PredictionRepository predictions) {
        this.lookup = lookup;
        this.predictions = predictions;
    }

    @GET
    @Path("/review-queue")
    @Operation(
            operationId = "reviewQueue",
            summary = "Logged predictions that a person should look at",
            description = "Those without an outcome that nothing was decided about. An outcome takes them out.")
    @APIResponse(
            responseCode = "200",
            content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = Queue.class)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND")
    public Queue queue(
            @PathParam("project") String project,
            @QueryParam("kind") @DefaultValue("AUDIT") @Parameter(description = "why") Kind kind,
            @QueryParam("version") @Parameter(description = "only of this model version") Integer version,
            @QueryParam("from") @Parameter(description = "a time, at most 31 days ago; by default 7 days ago")
                    String from,
            @QueryParam("withImage") @DefaultValue("false") @Parameter(description = "only if the image is kept")
                    boolean withImage,
            @QueryParam("limit") @DefaultValue("20") int limit) {
        Fields.within("limit", limit, 1, MAX_ITEMS);
        Model model = lookup.require(project);
        return new Queue(kind, predictions.toReview(model.projectId(), kind, version, begin(from), withImage, limit));
    }

    private static Instant begin(String from) {
        Instant now = Instant.now();
        if (from == null) {
            return now.minus(DEFAULT_TIME);
        }
        Instant begin = PredictionFilter.time("from", from);
        if (begin.isBefore(now.minus(MAX_TIME))) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "from: expected a time of the last %d days, got %s".formatted(MAX_TIME.toDays(), begin));
        }
        return begin;
    }

    @PUT
    @Path("/predictions/{prediction}/reviewed")
    @Operation(operationId = "dismissReview", summary = "Takes a prediction out of the review queue without an outcome")
    @APIResponse(responseCode = "204", description = "Taken out, also if it was not in it")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, PREDICTION_NOT_FOUND")
    public void reviewed(@PathParam("project") String project, @PathParam("prediction") String id) {
        predictions.reviewed(predictions.require(lookup.require(project), id, false));
    }
}
