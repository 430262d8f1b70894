package dev.loupe.training.imported;

import dev.loupe.contracts.training.ImageFraming;
import dev.loupe.contracts.training.ImageFraming.ChannelOrder;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import dev.loupe.training.backbone.NetworkInput;
import dev.loupe.training.dataset.FrozenVersions;
import dev.loupe.training.imported.ImportedModelUpload.Description;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
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
import java.io.InputStream;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Classifiers that were trained elsewhere, over HTTP. */
@Path("/api/v1/imported-models")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "ImportedModels")
class ImportedModelResource {
    private static final String NAME = "[a-z0-9][a-z0-9._-]{0,62}";
    private static final String LABEL = "[^\\p{Cntrl}<>|`/\\\\]{1,100}";
    private static final int MAX_LABELS = 1000;
    private static final int LONGEST_SIDE = 4096;
    private static final int LONGEST_OUTPUT = 255;

    private final ImportedModels models;
    private final ImportedModelUpload uploads;
    private final FrozenVersions versions;

    /** A page of models. */
    @Schema(name = "ImportedModelPage")
    record ImportedModelPage(@Schema(required = true) List<ImportedModel> items, String nextCursor) {}

    ImportedModelResource(ImportedModels models, ImportedModelUpload uploads, FrozenVersions versions) {
        this.models = models;
        this.uploads = uploads;
        this.versions = versions;
    }

    @POST
    @Consumes(MediaType.APPLICATION_OCTET_STREAM)
    @Operation(
            operationId = "uploadImportedModel",
            summary = "Upload a classifier that was trained elsewhere, as an ONNX file",
            description = """
            The file is validated before it is stored, in a process of its own whose memory and time are limited: opset 11 or \
            newer, no external data, no loops, one float input [n, 3, height, width] or [n, height, width, 3] with a \
            dynamic n, and an output [n, labels] of logits or probabilities. `POST /api/v1/imported-models/{model}/runs` \
            makes a model version of it. To repeat an upload is no error.""")
    @APIResponse(
            responseCode = "201",
            description = "It is stored",
            content = @Content(schema = @Schema(implementation = ImportedModel.class)))
    @APIResponse(
            responseCode = "404",
            description = "`DATASET_VERSION_NOT_FOUND`: no frozen dataset version of the project is known (yet)")
    @APIResponse(responseCode = "409", description = "`IMPORTED_MODEL_EXISTS`: another one has this name")
    @APIResponse(responseCode = "413", description = "`REQUEST_TOO_LARGE`")
    @APIResponse(responseCode = "422", description = "`IMPORTED_MODEL_INVALID`, with the reason")
    public Response upload(
            @QueryParam("project") @Parameter(description = "name or id of its project", required = true)
                    String project,
            @QueryParam("name") @Parameter(example = "resnet18", description = "unique in the project", required = true)
                    String name,
            @QueryParam("label")
                    @Parameter(
                            description = "repeated: the labels in the order of the outputs, as the project has them",
                            required = true)
                    List<String> labels,
            @QueryParam("scale")
                    @DefaultValue("255")
                    @Parameter(description = "the input is `(x / scale - mean) / std` for x in 0..255")
                    String scale,
            @QueryParam("mean") @DefaultValue("0.485,0.456,0.406") @Parameter(description = "of R, G and B")
                    String mean,
            @QueryParam("std") @DefaultValue("0.229,0.224,0.225") @Parameter(description = "of R, G and B") String std,
            @QueryParam("inputSize")
                    @Parameter(
                            description = "side of the square that images are resized to; for an input that is dynamic")
                    Integer inputSize,
            @QueryParam("output") @Parameter(description = "name of the output, where several fit") String output,
            @QueryParam("fit")
                    @DefaultValue("stretch")
                    @Parameter(
                            description = "what is done about another aspect ratio than that of the input: stretch, pad"
                                    + " with grey, or crop to the middle")
                    String fit,
            @QueryParam("centerCrop")
                    @DefaultValue("1")
                    @Parameter(
                            description = "share of the width and height of an image that is looked at, in the middle,"
                                    + " 0.1 to 1; 0.875 with `fit=crop` is torchvision's resize to 256 and crop to 224")
                    String centerCrop,
            @QueryParam("channelOrder")
                    @DefaultValue("RGB")
                    @Parameter(
                            description =
                                    "order of the channels of the input; mean and std are always given in the order R, G, B")
                    String channelOrder,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @Context HttpServerRequest request,
            InputStream body) {
        Fields.requirePresent("project", project);
        if (name == null || !name.matches(NAME)) {
            throw invalid("name: expected " + NAME + ", got " + QuotedInput.of(name));
        }
        requireLabels(labels);
        Fields.within("inputSize", inputSize, 1, LONGEST_SIDE);
        if (output != null) {
            Fields.atMost("output", output, LONGEST_OUTPUT);
        }
        Description asked = new Description(
                name,
                labels,
                NetworkInput.parse(scale, mean, std),
                inputSize,
                output,
                framing(fit, centerCrop, channelOrder));
        ImportedModel model = uploads.receive(
                versions.require(project, null),
                asked,
                body,
                NetworkInput.size(request),
                () -> request.response().closed(),
                actor);
        return Response.created(URI.create("/api/v1/imported-models/" + model.id()))
                .entity(model)
                .build();
    }

    private static ImageFraming framing(String fit, String centerCrop, String channelOrder) {
        ChannelOrder order = Fields.oneOf("channelOrder", ChannelOrder.class, channelOrder);
        double share;
        try {
            share = Double.parseDouble(centerCrop);
        } catch (NumberFormatException _) {
            throw invalid("centerCrop: expected a number, got " + QuotedInput.of(centerCrop));
        }
        try {
            return new ImageFraming(fit, share, order);
        } catch (IllegalArgumentException e) {
            throw invalid(e.getMessage());
        }
    }

    private static void requireLabels(List<String> labels) {
        if (labels.size() < 2 || labels.size() > MAX_LABELS) {
            throw invalid("label: expected 2 to " + MAX_LABELS + " labels, got " + labels.size());
        }
        HashSet<String> known = new HashSet<>();
        for (String label : labels) {
            if (!label.matches(LABEL) || !label.equals(label.strip())) {
                throw invalid("label: expected 1 to 100 characters, none of them <, >, |, `, / or \\, got "
                        + QuotedInput.of(label));
            }
            if (!known.add(label)) {
                throw invalid("label: expected different labels, got " + QuotedInput.of(label) + " twice");
            }
        }
    }

    @GET
    @Operation(operationId = "listImportedModels", summary = "List imported models, the newest first")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = ImportedModelPage.class)))
    @APIResponse(responseCode = "404", description = "`PROJECT_NOT_FOUND`")
    public Response list(
            @QueryParam("project") @Parameter(description = "only of this project; its name or id") String project,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        PageRequest page = PageRequest.of(limit, cursor);
        UUID id = project == null ? null : versions.requireProject(project).projectId();
        List<ImportedModel> found = models.list(id, position(page), page);
        return Pages.response(Page.of(found, page, model -> model.id().toString()), uri);
    }

    private static UUID position(PageRequest page) {
        try {
            return page.after().isEmpty() ? null : UUID.fromString(page.after());
        } catch (IllegalArgumentException e) {
            throw new ServiceException(ErrorCode.INVALID_CURSOR, "cursor: not one that an earlier page gave", e);
        }
    }

    @GET
    @Path("/{model}")
    @Operation(operationId = "getImportedModel", summary = "An imported model")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = ImportedModel.class)))
    @APIResponse(responseCode = "404", description = "`IMPORTED_MODEL_NOT_FOUND`")
    public ImportedModel get(@PathParam("model") String id) {
        return models.require(id);
    }

    @DELETE
    @Path("/{model}")
    @Operation(
            operationId = "deleteImportedModel",
            summary = "Delete an imported model with its file; not while a run of it exists")
    @APIResponse(responseCode = "204", description = "Deleted")
    @APIResponse(responseCode = "404", description = "`IMPORTED_MODEL_NOT_FOUND`")
    @APIResponse(responseCode = "409", description = "`IMPORTED_MODEL_IN_USE`")
    public void delete(
            @PathParam("model") String id, @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor) {
        models.delete(models.require(id), actor);
    }

    private static ServiceException invalid(String message) {
        return new ServiceException(ErrorCode.INVALID_REQUEST, message);
    }
}
