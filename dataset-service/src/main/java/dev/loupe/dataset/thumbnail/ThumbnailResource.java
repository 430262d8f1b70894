package dev.loupe.dataset.thumbnail;

import dev.loupe.dataset.image.Image;
import dev.loupe.dataset.image.Images;
import dev.loupe.dataset.image.StoredObjects;
import dev.loupe.dataset.image.UntrustedBytes;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.imaging.Augmentation;
import dev.loupe.imaging.BatchMixing;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.storage.Sha256;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.ResponseBuilder;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Thumbnails and masks over HTTP. */
@Path("/api/v1/projects")
@RunOnVirtualThread
@Tag(name = "Images")
public class ThumbnailResource {
    private static final String DEFAULT_SIZE = "256";
    private static final int SHEET_ROWS = 6;

    private final Projects projects;
    private final Images images;
    private final Thumbnails thumbnails;

    ThumbnailResource(Projects projects, Images images, Thumbnails thumbnails) {
        this.projects = projects;
        this.images = images;
        this.thumbnails = thumbnails;
    }

    @GET
    @Path("/{project}/images/{sha256}/thumbnail")
    @Produces(MediaType.WILDCARD)
    @Operation(operationId = "getImageThumbnail", summary = "A small JPEG of an image", description = """
            Upright, with the aspect ratio of the image, on white where the image is transparent. An image that is \
            smaller than `size` keeps its size. An image that was deleted has one as long as a dataset version keeps it. The first request for a size creates the thumbnail; it is kept as long \
            as the image, and never changes, so browsers may cache it.""")
    @APIResponse(
            responseCode = "200",
            content = @Content(mediaType = "image/jpeg", schema = @Schema(type = SchemaType.STRING, format = "binary")))
    @APIResponse(responseCode = "304", description = "the client has it: `If-None-Match` names its `ETag`")
    public Response get(
            @PathParam("project") String idOrName,
            @PathParam("sha256") String sha256,
            @QueryParam("size")
                    @DefaultValue(DEFAULT_SIZE)
                    @Parameter(
                            description = "longest side in pixels",
                            schema =
                                    @Schema(
                                            type = SchemaType.INTEGER,
                                            enumeration = {"128", "256", "512"},
                                            defaultValue = DEFAULT_SIZE))
                    int size,
            @Context Request request) {
        if (!StoredObjects.THUMBNAIL_SIZES.contains(size)) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "size: expected one of " + StoredObjects.THUMBNAIL_SIZES + ", got " + size);
        }
        byte[] jpeg = thumbnails.get(sha256, images.requireKept(projects.require(idOrName), sha256), size);
        EntityTag tag = new EntityTag(Sha256.of(jpeg));
        ResponseBuilder unchanged = request.evaluatePreconditions(tag);
        ResponseBuilder response =
                unchanged == null ? Response.ok(jpeg, "image/jpeg").tag(tag) : unchanged;
        return UntrustedBytes.cached(response).build();
    }

    @GET
    @Path("/{project}/augmentation")
    @Produces(MediaType.WILDCARD)
    @Operation(
            operationId = "getAugmentationSheet",
            summary = "What an augmentation does to images of the project, as a PNG",
            description = """
            Each row is an image, followed by five copies that were changed at random within the given bounds. Without \
            bounds nothing changes. With `mixup` or `cutmix`, each copy is mixed with the one below it, the last with the \
            first. The parameters are those of the recipes that augment.""")
    @APIResponse(
            responseCode = "200",
            content = @Content(mediaType = "image/png", schema = @Schema(type = SchemaType.STRING, format = "binary")))
    @APIResponse(responseCode = "404", description = "PROJECT_NOT_FOUND; IMAGE_NOT_FOUND if the project has no images")
    public Response augmentation(
            @PathParam("project") String idOrName,
            @BeanParam AugmentationQuery query,
            @QueryParam("seed") @DefaultValue("1") @Parameter(description = "seed of the random numbers") long seed) {
        Project project = projects.require(idOrName);
        Augmentation augmentation = query.augmentation();
        BatchMixing mixing = query.mixing();
        List<Image> sample = images.sample(project, SHEET_ROWS);
        if (sample.isEmpty()) {
            throw new ServiceException(
                    ErrorCode.IMAGE_NOT_FOUND, "project '" + project.name() + "' has no images to show it on");
        }
        return UntrustedBytes.revalidated(
                        Response.ok(thumbnails.sheet(sample, augmentation, mixing, seed), "image/png"))
                .build();
    }

    @GET
    @Path("/{project}/images/{sha256}/mask")
    @Produces(MediaType.WILDCARD)
    @Operation(
            operationId = "getImageMask",
            summary = "Which pixels of an abnormal image are defective, as a PNG in black and white",
            description = """
            Of the size of the image, with one channel: 255 where a pixel is defective, else 0. An image that is not \
            labelled `abnormal` has none. A later import may add a mask or replace it, so browsers ask with the `ETag`, \
            which is the `maskSha256` of the image.""")
    @APIResponse(
            responseCode = "200",
            content = @Content(mediaType = "image/png", schema = @Schema(type = SchemaType.STRING, format = "binary")))
    @APIResponse(responseCode = "304", description = "the client has it: `If-None-Match` names its `ETag`")
    @APIResponse(responseCode = "404", description = "PROJECT_NOT_FOUND, IMAGE_NOT_FOUND, MASK_NOT_FOUND")
    public Response mask(
            @PathParam("project") String idOrName, @PathParam("sha256") String sha256, @Context Request request) {
        Project project = projects.require(idOrName);
        String mask = images.require(project, sha256).maskSha256();
        if (mask == null) {
            throw new ServiceException(
                    ErrorCode.MASK_NOT_FOUND, "image '" + sha256 + "' of project '" + project.name() + "' has no mask");
        }
        EntityTag tag = new EntityTag(mask);
        ResponseBuilder unchanged = request.evaluatePreconditions(tag);
        ResponseBuilder response = unchanged == null
                ? Response.ok(thumbnails.mask(mask), "image/png").tag(tag)
                : unchanged;
        return UntrustedBytes.revalidated(response).build();
    }
}
