package dev.loupe.training.backbone;

import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
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
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Backbones over HTTP. */
@Path("/api/v1/backbones")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Backbones")
class BackboneResource {
    private static final String NAME = "[a-z0-9][a-z0-9._-]{0,62}";

    private final Backbones backbones;
    private final BackboneImport imports;

    BackboneResource(Backbones backbones, BackboneImport imports) {
        this.backbones = backbones;
        this.imports = imports;
    }

    @POST
    @Consumes(MediaType.APPLICATION_OCTET_STREAM)
    @Operation(
            summary = "Import a backbone: a network, as an ONNX file, that turns images into features",
            description = """
            The file is validated before it is stored, in a process of its own whose memory and time are limited: one float \
            input [n, 3, height, width], no external data, no loops, and at least one feature map [n, c, h, w] or pooled \
            output [n, c]. A name never comes to mean another file; to repeat an import is no error. Images are given to \
            it as `(x / scale - mean) / std` for x in 0..255.""")
    public Response importFile(
            @QueryParam("name") @Parameter(example = "mobilenet-v2") String name,
            @QueryParam("scale") @DefaultValue("255") String scale,
            @QueryParam("mean") @DefaultValue("0.485,0.456,0.406") String mean,
            @QueryParam("std") @DefaultValue("0.229,0.224,0.225") String std,
            @HeaderParam("X-Loupe-Actor") @DefaultValue("local") String actor,
            @Context HttpServerRequest request,
            InputStream body) {
        if (name == null || !name.matches(NAME) || Backbones.isBuiltIn(name)) {
            throw invalid("name: expected " + NAME + " and none of the built-in names, got '" + name + "'");
        }
        ImportedBackbone backbone = imports.receive(
                name,
                NetworkInput.parse(scale, mean, std),
                body,
                NetworkInput.size(request),
                () -> request.response().closed(),
                actor);
        return Response.created(URI.create("/api/v1/backbones/" + name))
                .entity(backbone)
                .build();
    }

    @GET
    @Operation(summary = "List backbones: the built-in ones, then the imported ones by name")
    public Response list(
            @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor, @Context UriInfo uri) {
        PageRequest page = PageRequest.of(limit, cursor);
        Page<ImportedBackbone> imported = Page.of(backbones.list(page), page, ImportedBackbone::name);
        if (!page.after().isEmpty()) {
            return Pages.response(imported, uri);
        }
        List<ImportedBackbone> items = new ArrayList<>(
                BackboneName.BUILT_IN.stream().map(ImportedBackbone::builtIn).toList());
        items.addAll(imported.items());
        return Pages.response(new Page<>(items, imported.nextCursor()), uri);
    }

    @GET
    @Path("/{name}")
    @Operation(summary = "An imported backbone")
    public ImportedBackbone get(@PathParam("name") String name) {
        return backbones
                .find(name)
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.BACKBONE_NOT_FOUND, "there is no imported backbone '" + name + "'"));
    }

    private static ServiceException invalid(String message) {
        return new ServiceException(ErrorCode.INVALID_REQUEST, message);
    }
}
