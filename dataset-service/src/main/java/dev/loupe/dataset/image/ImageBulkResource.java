package dev.loupe.dataset.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.dataset.image.DeletedImages.Deletion;
import dev.loupe.dataset.image.DeletedImages.Restored;
import dev.loupe.dataset.image.ImageChanges.Changed;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.idempotency.Idempotency;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import dev.loupe.storage.Sha256;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
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
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Operations on many images, and the deletions that can be undone. */
@Path("/api/v1/projects")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Images")
public class ImageBulkResource {
    private static final String IMAGES = "digests of the images; or a `filter`";
    private static final String FILTER = "selects the images, as in a search; or `images`";

    private final Projects projects;
    private final Images images;
    private final ImageChanges changes;
    private final DeletedImages deletedImages;
    private final Audit audit;
    private final Idempotency idempotency;
    private final ObjectMapper json;

    /** A request to change many images. Absent fields stay unchanged; an empty text removes the label, the defect or the product. */
    public record ImagesUpdate(
            @Schema(description = IMAGES, maxItems = ImageSelection.MAX_IMAGES)
            List<String> images,

            @Schema(description = FILTER) ImageFilter filter,

            @Schema(description = "new label; an empty text removes it")
            String label,

            @Schema(description = "new split: `TRAIN`, `DEV`, `TEST` or `UNASSIGNED`")
            String split,

            @Schema(description = "new kind of defect; an empty text removes it")
            String defect,

            @Schema(description = "new product; an empty text removes it")
            String product) {}

    /** A request to delete many images. */
    public record ImagesDeletion(
            @Schema(description = IMAGES, maxItems = ImageSelection.MAX_IMAGES)
            List<String> images,

            @Schema(description = FILTER) ImageFilter filter) {}

    /** A page of deletions, for the OpenAPI document. */
    record ImageDeletionPage(List<Deletion> items, String nextCursor) {}

    ImageBulkResource(
            Projects projects,
            Images images,
            ImageChanges changes,
            DeletedImages deletedImages,
            Audit audit,
            Idempotency idempotency,
            ObjectMapper json) {
        this.projects = projects;
        this.images = images;
        this.changes = changes;
        this.deletedImages = deletedImages;
        this.audit = audit;
        this.idempotency = idempotency;
        this.json = json;
    }

    @PATCH
    @Path("/{project}/images")
    @Consumes(MediaType.APPLICATION_JSON)
    @Transactional
    @Operation(
            operationId = "updateImages",
            summary = "Change the label, the kind of defect, the split or the product of many images",
            description = """
            As for one image, for up to 10,000 at once: all of them change, or none. `images` names them, or `filter` \
            selects them. `changed` counts those that are different now.""")
    public Changed change(
            @PathParam("project") String idOrName,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @RequestBody(
                            content =
                                    @Content(
                                            examples = {
                                                @ExampleObject(name = "by digest", value = """
                                                        {"images": ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
                                                         "label": "abnormal", "defect": "scratch", "split": "TEST"}"""),
                                                @ExampleObject(name = "by filter", value = """
                                                        {"filter": {"unlabelled": true, "text": "cam-2"}, "label": "normal"}""")
                                            }))
                    ImagesUpdate request) {
        Fields.requirePresent("body", request);
        Project project = projects.require(idOrName);
        ImageChange change =
                ImageChange.of(project.task(), request.label(), request.split(), request.defect(), request.product());
        return changes.change(project, new ImageSelection(request.images(), request.filter()), change, actor);
    }

    @POST
    @Path("/{project}/images/deletions")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "deleteImages", summary = "Delete many images from the project", description = """
            Up to 10,000 at once, named by `images` or selected by `filter`. Images that are not there are no error. \
            Frozen versions keep their images. The deletion can be undone until `restorableUntil`; if there was no image \
            to delete, only `deleted`, 0, is returned.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Deletion.class)))
    public Response delete(
            @PathParam("project") String idOrName,
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @RequestBody(content = @Content(examples = @ExampleObject("""
                                                    {"filter": {"label": ["blurred"]}}"""))) ImagesDeletion request) {
        Fields.requirePresent("body", request);
        Project project = projects.require(idOrName);
        ImageSelection selection = new ImageSelection(request.images(), request.filter());
        String scope = "POST /projects/" + project.id() + "/images/deletions";
        return idempotency.once(scope, key, fingerprint(request), () -> {
            Deletion deletion = changes.delete(project, selection, actor);
            return Response.ok(deletion == null ? new Deletion(null, null, null, null, 0) : deletion)
                    .build();
        });
    }

    private String fingerprint(ImagesDeletion request) {
        try {
            return Sha256.of(json.writeValueAsBytes(request));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // it was read from JSON
        }
    }

    @GET
    @Path("/{project}/images/deletions")
    @Operation(operationId = "listImageDeletions", summary = "List the deletions that can be undone, the newest first")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = ImageDeletionPage.class)))
    public Response deletions(
            @PathParam("project") String idOrName,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        Project project = projects.require(idOrName);
        PageRequest page = PageRequest.of(limit, cursor);
        return Pages.response(
                Page.of(deletedImages.list(project, page), page, deletion -> deletion.id()
                        .toString()),
                uri);
    }

    @POST
    @Path("/{project}/images/deletions/{deletion}/restore")
    @Operation(operationId = "restoreImages", summary = "Undo a deletion of images", description = """
            The images are back with their labels, splits and masks. Images that were uploaded again since stay as they \
            are, and are counted as `skipped`.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Restored.class)))
    @APIResponse(responseCode = "404", description = "PROJECT_NOT_FOUND, DELETION_NOT_FOUND")
    public Response restore(
            @PathParam("project") String idOrName,
            @PathParam("deletion") String id,
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor) {
        Project project = projects.require(idOrName);
        String scope = "POST /projects/" + project.id() + "/images/deletions/" + id + "/restore";
        return idempotency.once(scope, key, id, () -> {
            Deletion deletion = deletedImages.require(project, id);
            Restored restored = deletedImages.restore(project, deletion, actor);
            audit.record(Change.of(project.id(), actor, "images.restore", project.name())
                    .detail("deletion " + deletion.id())
                    .values(null, restored));
            return Response.ok(restored).build();
        });
    }

    @POST
    @Path("/{project}/images/{sha256}/restore")
    @Operation(
            operationId = "restoreImage",
            summary = "Restore a deleted image",
            description = "It is back with its label, split and mask.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Image.class)))
    @APIResponse(responseCode = "404", description = "`IMAGE_NOT_FOUND`: it was not deleted, or is removed for good")
    @APIResponse(responseCode = "409", description = "`IMAGE_EXISTS`: the project has the image")
    public Response restoreOne(
            @PathParam("project") String idOrName,
            @PathParam("sha256") String sha256,
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor) {
        Project project = projects.require(idOrName);
        String scope = "POST /projects/" + project.id() + "/images/" + sha256 + "/restore";
        return idempotency.once(scope, key, sha256, () -> {
            if (images.find(project, sha256).isPresent()) {
                throw new ServiceException(
                        ErrorCode.IMAGE_EXISTS,
                        "project '" + project.name() + "' has the image " + QuotedInput.of(sha256));
            }
            deletedImages.restore(project, sha256, actor);
            audit.record(Change.of(project.id(), actor, "image.restore", project.name() + "/" + sha256));
            return Response.ok(images.require(project, sha256)).build();
        });
    }
}
