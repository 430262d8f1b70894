package dev.loupe.training.result;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.training.LabelIssues;
import dev.loupe.contracts.training.Skipped;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
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
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The labels that the trainer of a run found to be probably wrong, over HTTP. */
@Path("/api/v1/runs/{run}/label-issues")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Runs")
class LabelIssueResource {
    private static final RunDocuments.Kind<LabelIssues> KIND = new RunDocuments.Kind<>(
            LabelIssues.class,
            LabelIssues.MAX_BYTES,
            "label issues",
            ErrorCode.LABEL_ISSUES_NOT_FOUND,
            "its trainer did not check the labels");

    private final Runs runs;
    private final RunDocuments documents;

    LabelIssueResource(Runs runs, RunDocuments documents) {
        this.runs = runs;
        this.documents = documents;
    }

    /**
     * A page of label issues.
     *
     * @param items issues of the page, the one whose label is least probable first
     * @param nextCursor cursor of the next page, null on the last page
     * @param total number of images whose labels are probably wrong; the first 1,000 are listed
     * @param images number of TRAIN and DEV images that were checked
     * @param leftOut classes that were left out, because they have too few images
     * @param backbone backbone whose features were used, null if the labels were not checked
     * @param skipped why the labels were not checked, null if they were
     */
    @Schema(name = "LabelIssuePage")
    @JsonInclude(Include.NON_NULL)
    record IssuePage(
            @Schema(required = true) List<LabelIssues.Issue> items,
            String nextCursor,
            @Schema(required = true) int total,
            @Schema(required = true) int images,
            @Schema(required = true) List<String> leftOut,
            String backbone,
            Skipped skipped) {}

    @GET
    @Operation(
            operationId = "listRunLabelIssues",
            summary = "TRAIN and DEV images whose labels are probably wrong",
            description = """
            The trainer of a classifier predicts each image by a linear head that has not learned from it, and compares \
            the prediction with the label. The image whose label is least probable is first. With `skipped`, the labels \
            were not checked. The findings of the project show the same images.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = IssuePage.class)))
    @APIResponse(
            responseCode = "404",
            description =
                    "`RUN_NOT_FOUND`; `LABEL_ISSUES_NOT_FOUND`: it has not succeeded, is no training of a classifier,"
                            + " was submitted with `checkLabels` false, or was trained before labels were checked")
    public Response list(
            @PathParam("run") String id,
            @QueryParam("limit") @Parameter(description = "issues of a page, 1 to 1000; default 50") Integer limit,
            @QueryParam("cursor") @Parameter(description = "`nextCursor` of an earlier page") String cursor,
            @Context UriInfo uri) {
        PageRequest request = PageRequest.of(limit, cursor);
        int start = Math.max(0, request.afterNumber());
        Run run = runs.require(id);
        RunDocuments.requireSucceeded(run, KIND);
        LabelIssues found = documents.read(run, LabelIssues.key(run.status().attempt()), KIND);
        // The document never changes, so a position in it is a cursor.
        int end = (int) Math.min(found.issues().size(), (long) start + request.limit() + 1);
        Page<LabelIssues.Issue> page = Page.of(
                start < end ? found.issues().subList(start, end) : List.of(),
                request,
                _ -> String.valueOf(start + request.limit()));
        IssuePage result = new IssuePage(
                page.items(),
                page.nextCursor(),
                found.total(),
                found.images(),
                found.leftOut(),
                found.backbone(),
                found.skipped());
        return Response.fromResponse(Pages.response(page, uri)).entity(result).build();
    }
}
