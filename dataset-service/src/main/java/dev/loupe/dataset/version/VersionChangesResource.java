package dev.loupe.dataset.version;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.dataset.image.Images;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.dataset.version.VersionChange.Kind;
import dev.loupe.dataset.version.VersionComparison.Differences;
import dev.loupe.dataset.version.VersionComparison.Manifest;
import dev.loupe.service.error.Fields;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Comparisons of dataset versions over HTTP. */
@Path("/api/v1/projects")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Dataset versions")
public class VersionChangesResource {
    private final Projects projects;
    private final DatasetVersions versions;
    private final Freezer freezer;
    private final VersionComparison comparison;
    private final Images images;

    /**
     * An image that differs.
     *
     * @param inProject whether the project still has the image; a deleted one remains in its versions only
     */
    @Schema(name = "VersionChange")
    record ShownChange(
            @JsonUnwrapped VersionChange change,
            @Schema(required = true) boolean inProject) {}

    /**
     * A page of the images that differ, with the numbers of all of them.
     *
     * @param from number of the version that the other one is compared with
     * @param to number of the other version
     * @param sameTestImages whether both have the same TEST images with the same labels: models are comparable only then
     * @param counts numbers of images by kind; an image that was relabelled and moved counts in both
     * @param unchanged number of images that are the same in both
     * @param total number of items of all pages
     * @param items images that differ, ordered by digest
     * @param nextCursor cursor of the next page, absent on the last page
     */
    @Schema(name = "VersionChangePage")
    record VersionChangePage(
            @Schema(required = true) int from,
            @Schema(required = true) int to,
            @Schema(required = true) boolean sameTestImages,
            @Schema(required = true) Map<Kind, Integer> counts,
            @Schema(required = true) int unchanged,
            @Schema(required = true) int total,
            @Schema(required = true) List<ShownChange> items,
            String nextCursor) {}

    VersionChangesResource(
            Projects projects, DatasetVersions versions, Freezer freezer, VersionComparison comparison, Images images) {
        this.projects = projects;
        this.versions = versions;
        this.freezer = freezer;
        this.comparison = comparison;
        this.images = images;
    }

    @GET
    @Path("/{project}/versions/{number}/changes")
    @Operation(
            operationId = "compareDatasetVersions",
            summary = "What differs in a dataset version from another one of the project",
            description = """
            Lists the images that are in one of both versions only (`ADDED`, `REMOVED`), or that have another label \
            (`RELABELLED`), another split (`MOVED`), another kind of defect, another mask or another \
            product. The kind of defect and the mask are compared only where the label is the same.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = VersionChangePage.class)))
    @APIResponse(responseCode = "404", description = "PROJECT_NOT_FOUND, DATASET_VERSION_NOT_FOUND")
    public Response changes(
            @PathParam("project") String idOrName,
            @PathParam("number") int number,
            @QueryParam("from")
                    @Parameter(
                            required = true,
                            description = "number of the version to compare with, usually an earlier one")
                    Integer from,
            @QueryParam("kind")
                    @Parameter(
                            description = "only images that differ in this way, or in one of several",
                            schema = @Schema(type = SchemaType.ARRAY, implementation = Kind.class))
                    List<String> kinds,
            @QueryParam("limit") @Parameter(description = "images of a page, 1 to 1000; default 50") Integer limit,
            @QueryParam("cursor") @Parameter(description = "`nextCursor` of an earlier page of the same request")
                    String cursor,
            @Context UriInfo uri) {
        Fields.requirePresent("from", from);
        PageRequest request = PageRequest.of(limit, cursor);
        List<Kind> wanted = kinds.stream()
                .map(kind -> Fields.oneOf("kind", Kind.class, kind))
                .toList();
        Project project = projects.require(idOrName);
        Manifest before = manifest(project, from);
        Manifest after = manifest(project, number);
        Differences differences = comparison.compare(before, after);
        List<VersionChange> matching = wanted.isEmpty()
                ? differences.changes()
                : differences.changes().stream()
                        .filter(change -> !Collections.disjoint(change.kinds(), wanted))
                        .toList();
        Page<VersionChange> page = Page.of(after(matching, request), request, VersionChange::sha256);
        VersionChangePage result = new VersionChangePage(
                from,
                number,
                before.version().testDigest().equals(after.version().testDigest()),
                differences.counts(),
                differences.unchanged(),
                matching.size(),
                shown(project, page.items()),
                page.nextCursor());
        return Response.fromResponse(Pages.response(page, uri)).entity(result).build();
    }

    private Manifest manifest(Project project, int number) {
        return new Manifest(versions.require(project, number), freezer.location(project, number));
    }

    private static List<VersionChange> after(List<VersionChange> changes, PageRequest request) {
        Stream<VersionChange> following =
                changes.stream().dropWhile(change -> change.sha256().compareTo(request.after()) <= 0);
        return following.limit(request.limit() + 1L).toList();
    }

    private List<ShownChange> shown(Project project, List<VersionChange> changes) {
        Set<String> present = images.present(
                project, changes.stream().map(VersionChange::sha256).toList());
        return changes.stream()
                .map(change -> new ShownChange(change, present.contains(change.sha256())))
                .toList();
    }
}
