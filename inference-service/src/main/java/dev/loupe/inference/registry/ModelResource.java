package dev.loupe.inference.registry;

import dev.loupe.contracts.Task;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
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
    private static final int MAX_DESCRIPTION = 4000;
    private static final int MAX_NAME = 100;
    private static final int MAX_TAGS = 50;
    private static final Pattern TAG = Pattern.compile("[\\p{L}\\p{N}._:/-]+");

    private final ModelRepository models;
    private final ModelLookup lookup;
    private final VersionDeletion deletion;
    private final VersionNotes notes;
    private final VersionPins pins;
    private final Replica replica;

    /** A version in responses: its registration, and its state in the replica that responds. */
    record VersionView(
            int number,
            UUID runId,
            Task task,
            Replica.State state,

            @Schema(
                    description = "why it is UNAVAILABLE; of a READY one, that the versions that must stay in memory "
                            + "take more than the budget; else null")
            String reason,

            Map<String, Double> metrics,
            int datasetVersion,
            String testDigest,
            String recipe,
            String backbone,
            Origin origin,
            List<String> labels,
            Double threshold,
            Integer thresholdVersion,

            @Schema(
                    description = "what it computes with in the replica that answers: fp32 or int8; null if not READY",
                    examples = "fp32")
            String precision,

            @Schema(
                    description = "bytes of memory that it takes in the replica that answers; null if not READY",
                    examples = "18874368")
            Long memoryBytes,

            @Schema(description = "whether it stays in the memory of each replica")
            boolean pinned,

            Instant createdAt,

            @Schema(description = "revision of description, owner and tags; 0: they never changed")
            long revision,

            String description,

            @Schema(description = "who is responsible for it")
            String owner,

            List<String> tags) {}

    /** A change of what people say of a version. */
    @Schema(name = "VersionChange", description = "absent: stays as it is")
    record VersionChange(
            @Schema(maxLength = MAX_DESCRIPTION, description = "empty: none")
            String description,

            @Schema(maxLength = MAX_NAME, description = "who is responsible for it; empty: none")
            String owner,

            @Schema(description = "all tags", maxItems = MAX_TAGS)
            List<String> tags) {
        VersionChange {
            Fields.atMost("description", description, MAX_DESCRIPTION);
            Fields.atMost("owner", owner, MAX_NAME);
            Fields.within("number of tags", tags == null ? null : tags.size(), 0, MAX_TAGS);
            for (String tag : tags == null ? List.<String>of() : tags) {
                if (tag == null || tag.length() > MAX_NAME || !TAG.matcher(tag).matches()) {
                    throw new ServiceException(
                            ErrorCode.INVALID_REQUEST,
                            "tags: expected 1 to " + MAX_NAME + " letters, digits, '.', '_', ':', '/' and '-', got "
                                    + QuotedInput.of(tag));
                }
            }
        }
    }

    /** The schema of a page of models. */
    record ModelPage(List<Model> items, String nextCursor) {}

    /** The schema of a page of versions. */
    record VersionPage(List<VersionView> items, String nextCursor) {}

    ModelResource(
            ModelRepository models,
            ModelLookup lookup,
            VersionDeletion deletion,
            VersionNotes notes,
            VersionPins pins,
            Replica replica) {
        this.models = models;
        this.lookup = lookup;
        this.deletion = deletion;
        this.notes = notes;
        this.pins = pins;
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
        List<ModelVersion> page =
                models.listVersions(model.projectId(), (int) before(request, Integer.MAX_VALUE), request.limit() + 1);
        Map<Integer, VersionNote> said = notes.byNumber(
                model.projectId(), page.stream().map(ModelVersion::number).toList());
        Set<Integer> pinned = pins.of(model.projectId());
        List<VersionView> rows = page.stream()
                .map(version -> view(
                        model,
                        version,
                        said.getOrDefault(version.number(), VersionNote.none(version.number())),
                        pinned))
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
                                             "labels": ["normal", "abnormal"], "threshold": 3.2, "thresholdVersion": 1,
                                             "precision": "fp32",
                                             "memoryBytes": 18874368, "pinned": false,
                                             "createdAt": "2026-11-20T10:15:30Z", "revision": 1,
                                             "description": "finds hairs", "owner": "anna", "tags": ["line-2"]}""")))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    public Response version(@PathParam("project") String project, @PathParam("number") int number) {
        Model model = lookup.require(project);
        return answer(model, number);
    }

    @PATCH
    @Path("/{project}/versions/{number}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "describeVersion",
            summary = "Changes description, owner or tags of a version",
            description = "Fields that are absent stay as they are. Send the `revision` that you read as If-Match: if "
                    + "they changed in the meantime, nothing happens. The change is recorded in the audit log.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = VersionView.class)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    @APIResponse(responseCode = "409", description = "STALE_REVISION")
    public Response describe(
            @PathParam("project") String project,
            @PathParam("number") int number,
            @HeaderParam(HttpHeaders.IF_MATCH) String ifMatch,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            VersionChange change) {
        Fields.requirePresent("body", change);
        Model model = lookup.require(project);
        notes.change(
                model,
                number,
                IfMatch.revision(ifMatch),
                note -> note.changed(change.description(), change.owner(), change.tags()),
                actor);
        return answer(model, number);
    }

    private Response answer(Model model, int number) {
        VersionNote note = notes.get(model.projectId(), number);
        return Response.ok(view(model, lookup.requireVersion(model, number), note, pins.of(model.projectId())))
                .tag(new EntityTag(String.valueOf(note.revision())))
                .build();
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

    @PUT
    @Path("/{project}/versions/{number}/pin")
    @Operation(operationId = "pinVersion", summary = "Keep a version in the memory of each replica", description = """
            Each replica loads it, and does not unload it for others. What aliases route to stays in memory without a pin. \
            No effect if it is pinned already.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = VersionView.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    public Response pin(
            @PathParam("project") String project,
            @PathParam("number") int number,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor) {
        return pinned(project, number, true, actor);
    }

    @DELETE
    @Path("/{project}/versions/{number}/pin")
    @Operation(operationId = "unpinVersion", summary = "Let replicas unload a version for others", description = """
            It stays in memory until the memory is needed. No effect if it is not pinned.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = VersionView.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    public Response unpin(
            @PathParam("project") String project,
            @PathParam("number") int number,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor) {
        return pinned(project, number, false, actor);
    }

    private Response pinned(String project, int number, boolean pinned, String actor) {
        Model model = lookup.require(project);
        pins.set(model, number, pinned, actor);
        replica.refresh();
        return answer(model, number);
    }

    private VersionView view(Model model, ModelVersion version, VersionNote note, Set<Integer> pinned) {
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
                status.threshold() == null ? null : status.threshold().value(),
                status.threshold() == null ? null : status.threshold().number(),
                status.precision() == null ? null : status.precision().toString(),
                status.memoryBytes(),
                pinned.contains(version.number()),
                version.createdAt(),
                note.revision(),
                note.description(),
                note.owner(),
                note.tags());
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
