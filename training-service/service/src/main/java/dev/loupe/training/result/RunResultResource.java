package dev.loupe.training.result;

import dev.loupe.service.error.Fields;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import dev.loupe.training.result.RunResults.Results;
import dev.loupe.training.run.Runs;
import io.smallrye.common.annotation.RunOnVirtualThread;
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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The results of runs for each TEST image over HTTP. */
@Path("/api/v1/runs/{run}/results")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Runs")
class RunResultResource {
    private static final String NO_RESULTS =
            "`RUN_NOT_FOUND`; `RESULTS_NOT_FOUND`: it has not succeeded, has no TEST images, or was trained before results"
                    + " were kept";

    private final Runs runs;
    private final RunResults results;

    RunResultResource(Runs runs, RunResults results) {
        this.runs = runs;
        this.results = results;
    }

    /** Whether a prediction is right. */
    enum Outcome {
        RIGHT,
        WRONG
    }

    /**
     * A cell of the confusion matrix.
     *
     * @param truth true label
     * @param predicted predicted label
     * @param images number of TEST images, at least 1
     */
    @Schema(name = "ConfusionCount")
    record Count(
            @Schema(required = true) String truth,
            @Schema(required = true) String predicted,
            @Schema(required = true) long images) {}

    /**
     * A page of results.
     *
     * @param items results of the page, in order
     * @param nextCursor cursor of the next page, null on the last page
     * @param total number of results of all pages
     * @param threshold score from which an image is abnormal; null for a classifier
     * @param confusion numbers of all TEST images by true and predicted label, whatever the conditions are
     */
    @Schema(name = "TestResultPage")
    record ResultPage(
            @Schema(required = true) List<TestResult> items,
            String nextCursor,
            @Schema(required = true) int total,
            Double threshold,
            @Schema(required = true) List<Count> confusion) {}

    @GET
    @Operation(
            operationId = "listRunResults",
            summary = "What the model of a run predicts for each TEST image, the wrong ones first",
            description = """
            The predictions that the metrics of the run were computed from, with the file that is served. The default \
            order is that of `margin`: first the predictions that are surely wrong, at the end those that are surely \
            right. `confusion` has the numbers by true and predicted label.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = ResultPage.class)))
    @APIResponse(responseCode = "404", description = NO_RESULTS)
    public Response list(
            @PathParam("run") String id,
            @QueryParam("outcome")
                    @Parameter(
                            description = "only predictions that are right, or wrong",
                            schema =
                                    @Schema(
                                            type = SchemaType.STRING,
                                            enumeration = {"RIGHT", "WRONG"}))
                    String outcome,
            @QueryParam("truth") @Parameter(description = "only images with this true label") String truth,
            @QueryParam("predicted") @Parameter(description = "only images with this predicted label") String predicted,
            @QueryParam("defect") @Parameter(description = "only images with this kind of defect") String defect,
            @QueryParam("sort")
                    @DefaultValue("margin")
                    @Parameter(
                            description = "order; with `-` the greatest value comes first",
                            schema =
                                    @Schema(
                                            type = SchemaType.STRING,
                                            enumeration = {"margin", "-margin", "score", "-score", "name", "-name"},
                                            defaultValue = "margin"))
                    String sort,
            @QueryParam("limit") @Parameter(description = "results of a page, 1 to 1000; default 50") Integer limit,
            @QueryParam("cursor") @Parameter(description = "`nextCursor` of an earlier page of the same request")
                    String cursor,
            @Context UriInfo uri) {
        PageRequest request = PageRequest.of(limit, cursor);
        int start = Math.max(0, request.afterNumber());
        ResultOrder order = ResultOrder.parse(sort);
        Outcome only = Fields.oneOf("outcome", Outcome.class, outcome);
        Results all = results.require(runs.require(id));
        List<TestResult> matching = all.images().stream()
                .filter(image -> only == null || image.right() == (only == Outcome.RIGHT))
                .filter(image -> truth == null || truth.equals(image.truth()))
                .filter(image -> predicted == null || predicted.equals(image.predicted()))
                .filter(image -> defect == null || defect.equals(image.defect()))
                .sorted(order.comparator())
                .toList();
        // Results never change, so a position in them is a cursor.
        int end = (int) Math.min(matching.size(), (long) start + request.limit() + 1);
        Page<TestResult> page = Page.of(
                start < end ? matching.subList(start, end) : List.of(),
                request,
                _ -> String.valueOf(start + request.limit()));
        ResultPage result = new ResultPage(
                page.items(), page.nextCursor(), matching.size(), all.threshold(), confusion(all.images()));
        return Response.fromResponse(Pages.response(page, uri)).entity(result).build();
    }

    private static List<Count> confusion(List<TestResult> images) {
        Map<String, Map<String, Long>> counts = images.stream()
                .collect(Collectors.groupingBy(
                        TestResult::truth,
                        TreeMap::new,
                        Collectors.groupingBy(TestResult::predicted, TreeMap::new, Collectors.counting())));
        return counts.entrySet().stream()
                .flatMap(row -> row.getValue().entrySet().stream()
                        .map(cell -> new Count(row.getKey(), cell.getKey(), cell.getValue())))
                .toList();
    }

    @GET
    @Path("/{sha256}/heatmap")
    @Produces(MediaType.WILDCARD)
    @Operation(
            operationId = "getRunResultHeatmap",
            summary = "Where a TEST image is abnormal, or what a classifier looks at, as a PNG to lay over it",
            description = """
            The PNG has the aspect ratio of the image, at most 256 pixels on its longer side, and an alpha channel. \
            Of an anomaly detector it is transparent where the image is normal. From the threshold to twice the threshold \
            the colour goes from red to yellow, and a line marks the threshold, as in the heatmap of a prediction. Scaled to \
            the image and laid over it, both look the same. Of a classifier it marks the places that the answer depends on: \
            red is half as much as the yellow one does. The 32 images whose predictions are wrong or least sure have one. \
            It never changes, so browsers may cache it.""")
    @APIResponse(
            responseCode = "200",
            content = @Content(mediaType = "image/png", schema = @Schema(type = SchemaType.STRING, format = "binary")))
    @APIResponse(
            responseCode = "404",
            description = NO_RESULTS + "; `HEATMAP_NOT_FOUND`: the image is not in TEST, or has no heatmap")
    public Response heatmap(@PathParam("run") String id, @PathParam("sha256") String sha256) {
        return Response.ok(results.heatmap(runs.require(id), sha256), "image/png")
                .header("X-Content-Type-Options", "nosniff")
                .header("Content-Security-Policy", "default-src 'none'; sandbox")
                .header("Cache-Control", "private, max-age=31536000, immutable")
                .build();
    }
}
