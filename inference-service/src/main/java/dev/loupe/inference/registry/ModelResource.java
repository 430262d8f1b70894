package dev.loupe.inference.registry;

import dev.loupe.contracts.Task;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Models and their versions over REST. */
@Path("/api/v1/models")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Models", description = "What training produced, and how this replica is doing with it.")
class ModelResource {
    private final ModelRepository models;
    private final ModelLookup lookup;
    private final VersionDeletion deletion;
    private final Replica replica;

    /** A version in responses: its registration, and its state in the replica that responds. */
    record VersionView(
            int number,
            UUID runId,
            Task task,
            Replica.State state,
            String reason,
            Map<String, Double> metrics,
            int datasetVersion,
            String testDigest,
            String recipe,
            String backbone,
            Origin origin,
            List<String> labels,
            Double threshold,
            Instant createdAt) {}

    /** The schema of a page of models. */
    record ModelPage(List<Model> items, String nextCursor) {}

    /** The schema of a page of versions. */
    record VersionPage(List<VersionView> items, String nextCursor) {}

    ModelResource(ModelRepository models, ModelLookup lookup, VersionDeletion deletion, Replica replica) {
        this.models = models;
        this.lookup = lookup;
        this.deletion = deletion;
        this.replica = replica;
    }

    @GET
    @Operation(summary = "Lists the projects that have model versions, by name")
    @APIResponse(
            responseCode = "200",
            description = "Models by name",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = ModelPage.class)))
    public Response list(
            @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor, @Context UriInfo uri) {
        PageRequest request = PageRequest.of(limit, cursor);
        return Pages.response(Page.of(models.list(request.after(), request.limit() + 1), request, Model::name), uri);
    }

    @GET
    @Path("/{project}/versions")
    @Operation(summary = "Lists a model's versions, newest first")
    @APIResponse(
            responseCode = "200",
            description = "Versions, newest first",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = VersionPage.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND")
    public Response versions(
            @PathParam("project") @Parameter(description = "id or name", example = "metal-parts") String project,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        Model model = lookup.require(project);
        PageRequest request = PageRequest.of(limit, cursor);
        List<VersionView> rows =
                models
                        .listVersions(model.projectId(), (int) before(request, Integer.MAX_VALUE), request.limit() + 1)
                        .stream()
                        .map(version -> view(model, version))
                        .toList();
        return Pages.response(Page.of(rows, request, row -> String.valueOf(row.number())), uri);
    }

    @GET
    @Path("/{project}/versions/{number}")
    @Operation(summary = "One version, with its state in the replica that answers")
    @APIResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = VersionView.class),
                            examples = @ExampleObject(name = "version", value = """
                                            {"number": 2, "runId": "01989f5e-5a2e-7cc1-8a0e-7d1a3a1b2c3d",
                                             "task": "ANOMALY_DETECTION", "state": "READY", "reason": null,
                                             "metrics": {"auroc": 0.971}, "datasetVersion": 1,
                                             "testDigest": "5f2c…", "recipe": "patchcore", "backbone": "scattering",
                                             "origin": "TRAINED",
                                             "labels": ["normal", "abnormal"], "threshold": 3.2,
                                             "createdAt": "2026-11-20T10:15:30Z"}""")))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    public VersionView version(@PathParam("project") String project, @PathParam("number") int number) {
        Model model = lookup.require(project);
        return view(model, lookup.requireVersion(model, number));
    }

    @DELETE
    @Path("/{project}/versions/{number}")
    @Operation(summary = "Delete a version, and its package", description = """
            Not while an alias points at it, or would after a rollback. Its number is not used again, and the history of \
            aliases still names it.""")
    @APIResponse(responseCode = "204", description = "Deleted")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    @APIResponse(responseCode = "409", description = "MODEL_VERSION_IN_USE")
    public void delete(
            @PathParam("project") String project,
            @PathParam("number") int number,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor) {
        deletion.delete(lookup.require(project), number, actor);
        replica.refresh();
    }

    private VersionView view(Model model, ModelVersion version) {
        Replica.Status status = replica.status(model.projectId(), version.number());
        return new VersionView(
                version.number(),
                version.runId(),
                model.task(),
                status.state(),
                status.reason(),
                version.metrics(),
                version.datasetVersion(),
                version.testDigest(),
                version.recipe(),
                version.backbone(),
                version.origin(),
                status.labels(),
                status.threshold(),
                version.createdAt());
    }

    /** Parses the cursor of a list in descending order: the page starts below the returned number. */
    static long before(PageRequest request, long first) {
        if (request.after().isEmpty()) {
            return first;
        }
        try {
            return Math.clamp(Long.parseLong(request.after()), 0, first);
        } catch (NumberFormatException e) {
            throw new ServiceException(
                    ErrorCode.INVALID_CURSOR, "cursor: expected the nextCursor of an earlier page of this list", e);
        }
    }
}
