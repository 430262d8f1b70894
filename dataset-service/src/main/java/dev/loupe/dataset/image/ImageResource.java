package dev.loupe.dataset.image;

import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.error.Fields;
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
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The stored images of a project over HTTP. */
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

    private static final int MOST_IMAGES = 1000;
    private static final int DIGEST = 64;

    /** A request to change an image. Absent fields stay unchanged; an empty text removes the label or the defect. */
    public record Change(String label, String split, String defect) {}

    /** A request to change many images. */
    public record Changes(
            @Schema(required = true, maxItems = MOST_IMAGES) List<String> images,
            String label,
            String split,
            String defect) {
        public Changes {
            images = digests(images);
        }
    }

    /** A selection of images of a project. */
    public record Selection(
            @Schema(required = true, maxItems = MOST_IMAGES) List<String> images) {
        public Selection {
            images = digests(images);
        }
    }

    /** Result of a change: the number of changed images, and the images. */
    public record Changed(int changed, List<Image> items) {}

    /** Result of a deletion: the number of deleted images. Images that did not exist are not counted. */
    public record Deleted(int deleted) {}

    private static List<String> digests(List<String> images) {
        Fields.requirePresent("images", images);
        Fields.within("images: number", images.size(), 1, MOST_IMAGES);
        for (String sha256 : images) {
            Fields.atMost("images", Fields.requirePresent("images", sha256), DIGEST);
        }
        return images.stream().distinct().toList();
    }

    ImageResource(Projects projects, Images images, StoredObjects objects, ObjectStore store, Audit audit) {
        this.projects = projects;
        this.images = images;
        this.objects = objects;
        this.store = store;
        this.audit = audit;
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
            summary = "Change the label, the kind of defect or the split of an image",
            description = """
            Frozen versions stay as they are. Split `UNASSIGNED` leaves the choice to the next freeze; an empty label or \
            defect removes it. An image of the split TRAIN that becomes abnormal becomes unassigned. An abnormal image \
            that becomes normal shows neither its kind of defect nor its mask, and has both again when it becomes \
            abnormal again.""")
    public Image change(
            @PathParam("project") String idOrName,
            @PathParam("sha256") String sha256,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @RequestBody(content = @Content(examples = @ExampleObject("{\"label\": \"scratch\", \"split\": \"TEST\"}")))
                    Change change) {
        Fields.requirePresent("body", change);
        Project project = projects.require(idOrName);
        ImageChange asked = ImageChange.of(project.task(), change.label(), change.split(), change.defect());
        return change(project, List.of(sha256), asked, actor).getFirst();
    }

    @PATCH
    @Path("/{project}/images")
    @Consumes(MediaType.APPLICATION_JSON)
    @Transactional
    @Operation(
            operationId = "updateImages",
            summary = "Change the label, the kind of defect or the split of many images",
            description = "As for one image, for up to 1000 at once: all of them change or none.")
    public Changed changeMany(
            @PathParam("project") String idOrName,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @RequestBody(content = @Content(examples = @ExampleObject("""
                                                    {"images": ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
                                                     "label": "abnormal", "defect": "scratch", "split": "TEST"}"""))) Changes changes) {
        Fields.requirePresent("body", changes);
        Project project = projects.require(idOrName);
        ImageChange asked = ImageChange.of(project.task(), changes.label(), changes.split(), changes.defect());
        List<Image> changed = change(project, changes.images(), asked, actor);
        return new Changed(changed.size(), changed);
    }

    private List<Image> change(Project project, List<String> digests, ImageChange change, String actor) {
        List<Image> before = images.lock(project, digests);
        Set<String> known = before.stream().map(Image::sha256).collect(Collectors.toSet());
        for (String sha256 : digests) {
            if (!known.contains(sha256)) {
                throw Images.notFound(project, sha256);
            }
        }
        change.validate(project.task(), before);
        List<Image> changed = images.update(project, digests, change);
        changed.forEach(
                image -> audit.record(actor, "image.change", project.name() + "/" + image.sha256(), change.toString()));
        return changed;
    }

    @DELETE
    @Path("/{project}/images/{sha256}")
    @Transactional
    @Operation(
            operationId = "deleteImage",
            summary = "Delete an image from the project",
            description = "Frozen versions that have it keep it.")
    public Response delete(
            @PathParam("project") String idOrName,
            @PathParam("sha256") String sha256,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor) {
        Project project = projects.require(idOrName);
        if (delete(project, List.of(sha256), actor) == 0) {
            throw Images.notFound(project, sha256);
        }
        return Response.noContent().build();
    }

    @POST
    @Path("/{project}/images/deletions")
    @Consumes(MediaType.APPLICATION_JSON)
    @Transactional
    @Operation(
            operationId = "deleteImages",
            summary = "Delete many images from the project",
            description =
                    "Up to 1000 at once. Images that are not there are no error. Frozen versions keep their images.")
    public Deleted deleteMany(
            @PathParam("project") String idOrName,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            Selection selection) {
        Fields.requirePresent("body", selection);
        return new Deleted(delete(projects.require(idOrName), selection.images(), actor));
    }

    private int delete(Project project, List<String> digests, String actor) {
        List<Image> there = images.lock(project, digests);
        images.delete(project, there.stream().map(Image::sha256).toList());
        there.forEach(
                image -> audit.record(actor, "image.delete", project.name() + "/" + image.sha256(), image.name()));
        return there.size();
    }
}
