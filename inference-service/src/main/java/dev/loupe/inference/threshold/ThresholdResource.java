package dev.loupe.inference.threshold;

import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelLookup;
import dev.loupe.inference.registry.ModelVersion;
import dev.loupe.inference.registry.Replica;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.Arrays;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Threshold versions over REST. */
@Path("/api/v1/models/{project}/versions/{number}/thresholds")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Thresholds", description = "From which score on an anomaly detector calls an image anomalous.")
class ThresholdResource {
    private static final int MAX_SCORES = 1_000;
    private static final String EXAMPLE = """
            {"number": 2, "current": true, "value": 3.4, "method": "FALSE_ALARM_RATE", "target": 0.01,
             "confidence": 0.95,
             "how": "a false-alarm rate of at most 1 % with 95 % confidence, on 400 normal DEV images",
             "dev": {"falseAlarms": {"count": 0, "images": 400, "rate": 0.0, "lower": 0.0, "upper": 0.0092},
                     "misses": {"count": 2, "images": 40, "rate": 0.05, "lower": 0.0061, "upper": 0.1692}},
             "reason": "too many parts were sorted out", "actor": "anna", "createdAt": "2026-11-20T10:15:30Z"}""";

    private final Thresholds thresholds;
    private final ModelLookup lookup;
    private final Replica replica;

    /** Scores to decide again. */
    record ScoreList(
            @Schema(required = true, minItems = 1, maxItems = MAX_SCORES)
            double[] scores) {
        ScoreList {
            Fields.requirePresent("scores", scores);
            Fields.within("scores (their number)", scores.length, 1, MAX_SCORES);
            for (double score : scores) {
                if (!Double.isFinite(score)) {
                    throw new ServiceException(
                            ErrorCode.INVALID_REQUEST, "scores: expected finite numbers, got " + score);
                }
            }
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof ScoreList(double[] others) && Arrays.equals(scores, others);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(scores);
        }

        @Override
        public String toString() {
            return scores.length + " scores";
        }
    }

    /** The schema of a page of threshold versions. */
    record ThresholdPage(List<ThresholdView> items, String nextCursor) {}

    ThresholdResource(Thresholds thresholds, ModelLookup lookup, Replica replica) {
        this.thresholds = thresholds;
        this.lookup = lookup;
        this.replica = replica;
    }

    @GET
    @Operation(
            summary = "Lists the threshold versions of a detector, newest first",
            description = "The newest is the current one. Version 1 is the threshold that the training chose.")
    @APIResponse(
            responseCode = "200",
            description = "Threshold versions, newest first",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = ThresholdPage.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    @APIResponse(responseCode = "409", description = "MODEL_TASK_MISMATCH: a classifier has no threshold")
    public Response list(
            @PathParam("project") String project,
            @PathParam("number") int number,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        Model model = lookup.require(project);
        ModelVersion version = lookup.requireVersion(model, number);
        PageRequest request = PageRequest.of(limit, cursor);
        int current = thresholds.current(model, version);
        long below = request.after().isEmpty() ? Long.MAX_VALUE : request.afterNumber();
        List<ThresholdView> rows = thresholds.list(model, version, below, request.limit() + 1).stream()
                .map(threshold -> ThresholdView.of(threshold, current))
                .toList();
        return Pages.response(Page.of(rows, request, row -> String.valueOf(row.number())), uri);
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Set the threshold of a detector: a new threshold version", description = """
            `BEST_F1` maximizes F1 on the DEV images. `FALSE_ALARM_RATE` is the lowest threshold whose false-alarm rate is \
            at most `target`, with the `confidence` (0.95 by default): the upper limit by Clopper and Pearson on the \
            normal DEV images. `RECALL` is the highest threshold that at least the share `target` of the abnormal DEV \
            images reaches. `MANUAL` is `value`. The new version is in effect in all replicas within seconds. If \
            `expectedThreshold` is not the number of the current threshold version, nothing happens. With `dryRun`, the \
            threshold is chosen and returned, and nothing is saved.""")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            schema = @Schema(implementation = ThresholdRequest.class),
                            examples = @ExampleObject(name = "false-alarm rate", value = """
                                            {"method": "FALSE_ALARM_RATE", "target": 0.01, "confidence": 0.95,
                                             "expectedThreshold": 1, "reason": "too many parts were sorted out"}""")))
    @APIResponse(
            responseCode = "200",
            description = "The threshold of a dry run",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = ThresholdView.class)))
    @APIResponse(
            responseCode = "201",
            description = "The threshold version, now the current one",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = ThresholdView.class),
                            examples = @ExampleObject(name = "threshold version", value = EXAMPLE)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST; also without a `reason`, unless it is a dry run")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    @APIResponse(responseCode = "409", description = "STALE_THRESHOLD; MODEL_TASK_MISMATCH: a classifier has none")
    @APIResponse(
            responseCode = "422",
            description =
                    "DEV_IMAGES_TOO_FEW, with the number of images that are needed; DEV_SCORES_MISSING: the version "
                            + "was trained before Loupe kept them")
    public Response set(
            @PathParam("project") String project,
            @PathParam("number") int number,
            @QueryParam("dryRun")
                    @DefaultValue("false")
                    @Parameter(description = "choose the threshold without saving it")
                    boolean dryRun,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            ThresholdRequest request) {
        Fields.requirePresent("body", request);
        if (!dryRun) {
            Fields.requirePresent("reason", request.reason());
        }
        Model model = lookup.require(project);
        ModelVersion version = lookup.requireVersion(model, number);
        ThresholdVersion chosen = thresholds.choose(model, version, request);
        if (dryRun) {
            return Response.ok(ThresholdView.of(chosen, 0)).build();
        }
        ThresholdVersion saved =
                thresholds.set(model, version, chosen, request.expectedThreshold(), request.reason(), actor);
        replica.refresh();
        return Response.status(Response.Status.CREATED)
                .entity(ThresholdView.of(saved, saved.number()))
                .build();
    }

    @POST
    @Path("/{threshold}/re-evaluate")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Decide scores of earlier predictions again, with this threshold version")
    @APIResponse(responseCode = "200", description = "A decision for each score, in order")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, THRESHOLD_NOT_FOUND")
    @APIResponse(responseCode = "409", description = "MODEL_TASK_MISMATCH: a classifier has no threshold")
    public Decisions reEvaluate(
            @PathParam("project") String project,
            @PathParam("number") int number,
            @PathParam("threshold") int threshold,
            ScoreList request) {
        Fields.requirePresent("body", request);
        Model model = lookup.require(project);
        return thresholds.reEvaluate(model, lookup.requireVersion(model, number), threshold, request.scores());
    }
}
