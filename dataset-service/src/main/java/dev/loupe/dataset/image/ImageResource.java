package dev.loupe.dataset.image;

import dev.loupe.contracts.Split;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
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
import jakarta.ws.rs.core.UriInfo;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** A project's images over HTTP, once they are in. */
@Path("/api/v1/projects")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Images")
public class ImageResource {
    private final Projects projects;
    private final Images images;
    private final StoredObjects objects;
    private final ObjectStore store;
    private final Audit audit;

    /** What is to be said anew; what is absent stays. */
    public record Change(String label, String split) {}

    ImageResource(Projects projects, Images images, StoredObjects objects, ObjectStore store, Audit audit) {
        this.projects = projects;
        this.images = images;
        this.objects = objects;
        this.store = store;
        this.audit = audit;
    }

    @GET
    @Path("/{project}/images")
    @Operation(summary = "List images, by digest")
    public Response list(
            @PathParam("project") String idOrName,
            @QueryParam("label") String label,
            @QueryParam("split") @Parameter(description = "`TRAIN`, `DEV`, `TEST` or `UNASSIGNED`") String split,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        Project project = projects.require(idOrName);
        PageRequest page = PageRequest.of(limit, cursor);
        SplitName.parse(split);
        return Pages.response(Page.of(images.list(project, label, split, page), page, Image::sha256), uri);
    }

    @GET
    @Path("/{project}/images/{sha256}")
    @Operation(summary = "What is known of an image")
    public Image get(@PathParam("project") String idOrName, @PathParam("sha256") String sha256) {
        return images.require(projects.require(idOrName), sha256);
    }

    @GET
    @Path("/{project}/images/{sha256}/content")
    @Produces(MediaType.WILDCARD)
    @Operation(summary = "The encoded picture, as it was uploaded")
    public Response content(@PathParam("project") String idOrName, @PathParam("sha256") String sha256) {
        Image image = images.require(projects.require(idOrName), sha256);
        byte[] bytes = store.read(objects.location(sha256), sha256);
        // Bytes of strangers: a picture for programs, nothing that a browser should run.
        return Response.ok(bytes, ImageIntake.mediaType(image.format()))
                .header("X-Content-Type-Options", "nosniff")
                .header("Content-Security-Policy", "default-src 'none'; sandbox")
                .header("Cache-Control", "private, max-age=31536000, immutable")
                .tag(sha256)
                .build();
    }

    @PATCH
    @Path("/{project}/images/{sha256}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Transactional
    @Operation(summary = "Label an image, or say what it is for", description = """
            Frozen versions stay as they are. Split `UNASSIGNED` leaves the choice to the next freeze. A picture of \
            the split TRAIN that becomes abnormal becomes unassigned.""")
    public Image change(
            @PathParam("project") String idOrName,
            @PathParam("sha256") String sha256,
            @HeaderParam("X-Loupe-Actor") @DefaultValue("local") String actor,
            @RequestBody(content = @Content(examples = @ExampleObject("{\"label\": \"scratch\", \"split\": \"TEST\"}")))
                    Change change) {
        Fields.required("body", change);
        if (change.label() == null && change.split() == null) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST, "nothing to change: expected 'label', 'split' or both");
        }
        Project project = projects.require(idOrName);
        Image image = images.lock(project, sha256);
        Image changed = changed(project, image, change);
        images.update(project, changed);
        audit.record(
                actor,
                "image.change",
                project.name() + "/" + sha256,
                "label %s, split %s".formatted(changed.label(), changed.split()));
        return changed;
    }

    private static Image changed(Project project, Image image, Change change) {
        Annotation annotation = change.label() == null
                ? new Annotation(image.label(), image.defect())
                : Annotation.ofLabel(project.task(), change.label());
        Split split = image.split();
        if (change.split() != null) {
            split = SplitName.parse(change.split(), project.task(), annotation);
        } else if (split == Split.TRAIN && annotation.isAbnormalIn(project.task())) {
            split = null;
        }
        return image.with(annotation, split);
    }

    @DELETE
    @Path("/{project}/images/{sha256}")
    @Transactional
    @Operation(summary = "Take an image out of the project", description = "Frozen versions that have it keep it.")
    public Response delete(
            @PathParam("project") String idOrName,
            @PathParam("sha256") String sha256,
            @HeaderParam("X-Loupe-Actor") @DefaultValue("local") String actor) {
        Project project = projects.require(idOrName);
        Image image = images.require(project, sha256);
        images.delete(project, image);
        audit.record(actor, "image.delete", project.name() + "/" + sha256, image.name());
        return Response.noContent().build();
    }
}
