package dev.loupe.dataset.image;

import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.Fields;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import dev.loupe.service.storage.ObjectBody;
import dev.loupe.storage.ObjectStore;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The stored images of a project over HTTP. */
@Path("/api/v1/projects")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Images")
public class ImageResource {
    private final Projects projects;
    private final Images images;
    private final ImageChanges changes;
    private final ImageHistory history;
    private final StoredObjects objects;
    private final ObjectStore store;

    /** A request to change an image. Absent fields stay unchanged; an empty text removes the label, the defect or the product. */
    public record ImageUpdate(String label, String split, String defect, String product) {}

    /** A page of the history of an image, for the OpenAPI document. */
    record ImageHistoryPage(List<ImageHistory.Entry> items, String nextCursor) {}

    ImageResource(
            Projects projects,
            Images images,
            ImageChanges changes,
            ImageHistory history,
            StoredObjects objects,
            ObjectStore store) {
        this.projects = projects;
        this.images = images;
        this.changes = changes;
        this.history = history;
        this.objects = objects;
        this.store = store;
    }

    @GET
    @Path("/{project}/images/{sha256}")
    @Operation(operationId = "getImage", summary = "What is known of an image")
    public Image get(@PathParam("project") String idOrName, @PathParam("sha256") String sha256) {
        return images.require(projects.require(idOrName), sha256);
    }

    @GET
    @Path("/{project}/images/{sha256}/content")
    @Produces(MediaType.WILDCARD)
    @Operation(operationId = "getImageContent", summary = "The encoded image, as it was uploaded")
    public Response content(@PathParam("project") String idOrName, @PathParam("sha256") String sha256) {
        Image image = images.require(projects.require(idOrName), sha256);
        StreamingOutput content = ObjectBody.verified(store, objects.location(sha256), sha256);
        return UntrustedBytes.cached(Response.ok(content, ImageIntake.mediaType(image.format())))
                .header("Content-Length", image.size())
                .tag(sha256)
                .build();
    }

    @PATCH
    @Path("/{project}/images/{sha256}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Transactional
    @Operation(
            operationId = "updateImage",
            summary = "Change the label, the kind of defect, the split or the product of an image",
            description = """
            Frozen versions stay as they are. Split `UNASSIGNED` leaves the choice to the next freeze; an empty label, \
            defect or product removes it. An image of the split TRAIN that becomes abnormal becomes unassigned. An abnormal image \
            that becomes normal shows neither its kind of defect nor its mask, and has both again when it becomes \
            abnormal again.""")
    public Image change(
            @PathParam("project") String idOrName,
            @PathParam("sha256") String sha256,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @RequestBody(content = @Content(examples = @ExampleObject("{\"label\": \"scratch\", \"split\": \"TEST\"}")))
                    ImageUpdate change) {
        Fields.requirePresent("body", change);
        Project project = projects.require(idOrName);
        ImageChange asked =
                ImageChange.of(project.task(), change.label(), change.split(), change.defect(), change.product());
        changes.change(project, one(sha256), asked, actor);
        return images.require(project, sha256);
    }

    private static ImageSelection one(String sha256) {
        return new ImageSelection(List.of(sha256), null);
    }

    @DELETE
    @Path("/{project}/images/{sha256}")
    @Transactional
    @Operation(
            operationId = "deleteImage",
            summary = "Delete an image from the project",
            description = "Frozen versions that have it keep it. It can be restored for seven days.")
    public Response delete(
            @PathParam("project") String idOrName,
            @PathParam("sha256") String sha256,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor) {
        Project project = projects.require(idOrName);
        if (changes.delete(project, one(sha256), actor) == null) {
            throw Images.notFound(project, sha256);
        }
        return Response.noContent().build();
    }

    @GET
    @Path("/{project}/images/{sha256}/history")
    @Operation(
            operationId = "getImageHistory",
            summary = "Who changed an image, and how; the newest change first",
            description = """
            The label, the kind of defect and the split are those after the change. The history of an image is kept when \
            the image is deleted.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = ImageHistoryPage.class)))
    public Response history(
            @PathParam("project") String idOrName,
            @PathParam("sha256") String sha256,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        Project project = projects.require(idOrName);
        PageRequest page = PageRequest.of(limit, cursor);
        List<ImageHistory.Entry> entries = history.list(project, sha256, page);
        if (entries.isEmpty() && page.after().isEmpty()) {
            throw Images.notFound(project, sha256);
        }
        return Pages.response(Page.of(entries, page, entry -> String.valueOf(entry.number())), uri);
    }
}
