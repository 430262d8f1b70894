package dev.loupe.training.result;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import dev.loupe.training.dataset.FrozenVersions;
import dev.loupe.training.result.PairedComparison.Disagreement;
import dev.loupe.training.result.PairedComparison.Outcome;
import dev.loupe.training.run.Run;
import dev.loupe.training.run.Runs;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.Comparator;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Comparisons of two runs, image by image, over HTTP. */
@Path("/api/v1/runs/{run}/comparison")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Runs")
class RunComparisonResource {
    private final Runs runs;
    private final RunResults results;
    private final FrozenVersions versions;

    RunComparisonResource(Runs runs, RunResults results, FrozenVersions versions) {
        this.runs = runs;
        this.results = results;
        this.versions = versions;
    }

    /**
     * A comparison, with a page of the images that the two models predict different labels for.
     *
     * @param comparison figures of all images
     * @param items images of the page
     * @param nextCursor cursor of the next page, null on the last page
     * @param total number of such images of all pages
     */
    @Schema(name = "PairedComparisonPage")
    record ComparisonPage(
            @JsonUnwrapped PairedComparison comparison,
            @Schema(required = true) List<Disagreement> items,
            String nextCursor,
            @Schema(required = true) int total) {}

    @GET
    @Operation(
            operationId = "compareRunWith",
            summary = "Compare two runs on the same TEST images, image by image",
            description = """
            Both runs must have the same TEST images with the same labels; their dataset versions may differ in TRAIN and \
            DEV. `difference` is the accuracy of the run minus that of the other, with its 95 % interval of 1000 \
            bootstrap resamples of the images, stratified by true label. `pValue` is that of McNemar's exact test. \
            `items` are the images that the models predict different labels for, first those that only the other run is \
            right on.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = ComparisonPage.class)))
    @APIResponse(responseCode = "404", description = "`RUN_NOT_FOUND`; `RESULTS_NOT_FOUND` of one of them")
    @APIResponse(
            responseCode = "409",
            description = "`RUNS_NOT_COMPARABLE`: the TEST images or the labels of their dataset versions differ")
    public Response compare(
            @PathParam("run") String id,
            @QueryParam("with") @Parameter(description = "the other run", required = true) String with,
            @QueryParam("outcome")
                    @Parameter(
                            description = "only images with this outcome",
                            schema =
                                    @Schema(
                                            type = SchemaType.STRING,
                                            enumeration = {"ONLY_OTHER_RIGHT", "ONLY_RUN_RIGHT", "BOTH_WRONG"}))
                    String outcome,
            @QueryParam("limit") @Parameter(description = "images of a page, 1 to 1000; default 50") Integer limit,
            @QueryParam("cursor") @Parameter(description = "`nextCursor` of an earlier page of the same request")
                    String cursor,
            @Context UriInfo uri) {
        Fields.requirePresent("with", with);
        Run run = runs.require(id);
        Run other = runs.require(with);
        requireComparable(run, other);
        PageRequest request = PageRequest.of(limit, cursor);
        int start = Math.max(0, request.afterNumber());
        Outcome only = Fields.oneOf("outcome", Outcome.class, outcome);
        List<TestResult> ofRun = sorted(run);
        List<TestResult> ofOther = sorted(other);
        requireSameImages(run, ofRun, other, ofOther);
        List<Disagreement> matching = PairedComparison.disagreements(ofRun, ofOther).stream()
                .filter(image -> only == null || image.outcome() == only)
                .toList();
        // Results never change, so a position in them is a cursor.
        int end = (int) Math.min(matching.size(), (long) start + request.limit() + 1);
        Page<Disagreement> page = Page.of(
                start < end ? matching.subList(start, end) : List.of(),
                request,
                _ -> String.valueOf(start + request.limit()));
        ComparisonPage result = new ComparisonPage(
                PairedComparison.of(ofRun, ofOther), page.items(), page.nextCursor(), matching.size());
        return Response.fromResponse(Pages.response(page, uri)).entity(result).build();
    }

    private List<TestResult> sorted(Run run) {
        return results.require(run).images().stream()
                .sorted(Comparator.comparing(TestResult::sha256))
                .toList();
    }

    private void requireComparable(Run run, Run other) {
        if (run.id().equals(other.id())) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST, "with: expected another run than " + run.id() + ", got the same");
        }
        String digest = testDigest(run);
        String otherDigest = testDigest(other);
        if (!digest.equals(otherDigest)) {
            throw new ServiceException(
                    ErrorCode.RUNS_NOT_COMPARABLE,
                    "expected two runs with the same TEST images and labels, got " + described(run, digest) + " and "
                            + described(other, otherDigest));
        }
    }

    private String testDigest(Run run) {
        return versions.get(run.data().datasetVersionId()).testDigest();
    }

    private static String described(Run run, String testDigest) {
        return "run " + run.id() + " on version " + run.data().datasetVersion() + " of '"
                + run.data().project() + "' (TEST digest " + testDigest + ")";
    }

    private static void requireSameImages(Run run, List<TestResult> images, Run other, List<TestResult> otherImages) {
        boolean same = images.stream()
                .map(TestResult::sha256)
                .toList()
                .equals(otherImages.stream().map(TestResult::sha256).toList());
        if (!same) {
            throw new ServiceException(
                    ErrorCode.RUNS_NOT_COMPARABLE,
                    "expected predictions for the same TEST images, got " + images.size() + " of run " + run.id()
                            + " and " + otherImages.size() + " of run " + other.id());
        }
    }
}
