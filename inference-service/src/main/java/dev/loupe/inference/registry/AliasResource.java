package dev.loupe.inference.registry;

import dev.loupe.inference.registry.Promotions.Promotion;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.idempotency.Idempotency;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
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
import java.util.List;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Aliases over REST: promotion and rollback. */
@Path("/api/v1/models/{project}/aliases")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Aliases", description = "Names such as 'production' that point at a version, and move.")
class AliasResource {
    private static final int MAX_REASON_LENGTH = 1000;

    private final AliasRepository aliases;
    private final Promotions promotions;
    private final ModelLookup lookup;
    private final Replica replica;
    private final Idempotency idempotency;

    /** A request to point an alias at a version. */
    record PromotionRequest(
            @Schema(required = true, minimum = "1") Integer version,
            @Schema(minimum = "0") Long expectedGeneration,
            boolean force,
            @Schema(maxLength = MAX_REASON_LENGTH) String reason) {
        PromotionRequest {
            Fields.atLeast("version", Fields.requirePresent("version", version), 1);
            Fields.atLeast("expectedGeneration", expectedGeneration, 0);
            Fields.atMost("reason", reason, MAX_REASON_LENGTH);
            reason = reason == null || reason.isBlank() ? null : reason.strip();
            if (force && reason == null) {
                throw new ServiceException(
                        ErrorCode.REASON_REQUIRED,
                        "reason: expected why the promotion is forced, which the history keeps, got nothing");
            }
        }
    }

    /** A request to point an alias at an earlier version. */
    record RollbackRequest(
            @Schema(minimum = "0") Long expectedGeneration,

            @Schema(
                    minimum = "1",
                    description = "version to go back to, which the alias pointed at before; default: the previous one")
            Integer version,

            @Schema(maxLength = MAX_REASON_LENGTH) String reason) {
        RollbackRequest {
            Fields.atLeast("expectedGeneration", expectedGeneration, 0);
            Fields.atLeast("version", version, 1);
            Fields.atMost("reason", reason, MAX_REASON_LENGTH);
            reason = reason == null || reason.isBlank() ? null : reason.strip();
        }
    }

    /** The schema of a page of moves. */
    record AliasPage(List<AliasMove> items, String nextCursor) {}

    AliasResource(
            AliasRepository aliases,
            Promotions promotions,
            ModelLookup lookup,
            Replica replica,
            Idempotency idempotency) {
        this.aliases = aliases;
        this.promotions = promotions;
        this.lookup = lookup;
        this.replica = replica;
        this.idempotency = idempotency;
    }

    @GET
    @Operation(summary = "Lists a model's aliases by name")
    @APIResponse(
            responseCode = "200",
            description = "Aliases, each with its last move",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = AliasPage.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND")
    public Response list(
            @PathParam("project") String project,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        Model model = lookup.require(project);
        PageRequest request = PageRequest.of(limit, cursor);
        return Pages.response(
                Page.of(
                        aliases.list(model.projectId(), request.after(), request.limit() + 1),
                        request,
                        AliasMove::alias),
                uri);
    }

    @GET
    @Path("/{alias}")
    @Operation(summary = "The version that an alias points at; the ETag is the generation")
    @APIResponse(
            responseCode = "200",
            description = "The last move of the alias",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = AliasMove.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, ALIAS_NOT_FOUND")
    public Response get(@PathParam("project") String project, @PathParam("alias") String alias) {
        return answer(require(lookup.require(project), alias));
    }

    @PUT
    @Path("/{alias}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Promotes: points an alias at a version",
            description =
                    "The version must be READY in the replica that answers, and meet the promotion policy of the project. "
                            + "If the alias already points at a version, both are compared on the same TEST images: the "
                            + "accuracy, and for a detector the AUROC too, may be smaller by the tolerance at most. If the "
                            + "current version was trained on a dataset version with other TEST images, it must have been "
                            + "evaluated on those of the new one (POST /api/v1/evaluations). A check whose evidence is "
                            + "missing is INCONCLUSIVE, and the promotion is refused as if it had failed. `force` with a "
                            + "`reason` promotes it anyway. `checks` has each check with what was expected and found, in "
                            + "the response and in the problem document of a refusal. Send the generation that you read (in "
                            + "the body or as If-Match): if the alias moved in the meantime, nothing happens. Generation 0 "
                            + "means that the alias must not exist yet. With `dryRun=true` nothing moves: the response is "
                            + "the move that would be made, without `movedAt`, and `gate` says whether the checks pass.")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            schema = @Schema(implementation = PromotionRequest.class),
                            examples = @ExampleObject(name = "promotion", value = """
                                            {"version": 2, "expectedGeneration": 1, "reason": "finds the hairs"}""")))
    @APIResponse(
            responseCode = "200",
            description = "The alias points at the version",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = AliasMove.class),
                            examples = @ExampleObject(name = "promotion", value = """
                                            {"alias": "production", "version": 2, "generation": 2,
                                             "previousVersion": 1, "kind": "PROMOTION", "gate": "PASSED",
                                             "gateDetail": "accuracy 0.9500, version 1 has 0.9000",
                                             "checks": [{"kind": "NOT_WORSE", "subject": "accuracy", "outcome": "PASS",
                                                         "expected": "0.8950 or more",
                                                         "found": "0.9500, version 1 has 0.9000", "remedy": null}],
                                             "policyRevision": 0,
                                             "reason": "finds the hairs", "actor": "anna",
                                             "movedAt": "2026-11-20T10:15:30Z"}""")))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST, ALIAS_INVALID")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    @APIResponse(
            responseCode = "409",
            description = "STALE_GENERATION, GATE_FAILED, GATE_INCONCLUSIVE, GATE_NOT_COMPARABLE, or APPROVAL_REQUIRED")
    @APIResponse(responseCode = "422", description = "REASON_REQUIRED: `force` without a `reason`")
    @APIResponse(responseCode = "503", description = "MODEL_NOT_READY, with the reason")
    public Response promote(
            @PathParam("project") String project,
            @PathParam("alias") String alias,
            @HeaderParam(HttpHeaders.IF_MATCH) String ifMatch,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @QueryParam("dryRun") @DefaultValue("false") @Parameter(description = "whether to check only")
                    boolean dryRun,
            PromotionRequest request) {
        Fields.requirePresent("body", request);
        Alias.requireName(alias);
        Model model = lookup.require(project);
        lookup.requireVersion(model, request.version());
        Promotion promotion = new Promotion(
                alias,
                request.version(),
                expected(request.expectedGeneration(), ifMatch),
                request.force(),
                request.reason(),
                actor,
                null);
        if (dryRun) {
            return Response.ok(promotions.dryRun(model, promotion)).build();
        }
        replica.requireReady(model.projectId(), request.version());
        AliasMove move = promotions.promote(model, promotion);
        replica.refresh();
        return answer(move);
    }

    @POST
    @Path("/{alias}/rollback")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Rolls back: points an alias at an earlier version",
            description =
                    "Without `version`, undoes the last promotion that is not undone yet; a second call undoes the "
                            + "one before it. With `version`, goes back to that one, which the alias must have pointed at before. "
                            + "Checks and approvals do not hold: the version has passed them, or was forced.")
    @APIResponse(
            responseCode = "200",
            description = "The alias points at the earlier version",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = AliasMove.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, ALIAS_NOT_FOUND")
    @APIResponse(responseCode = "409", description = "STALE_GENERATION or NOTHING_TO_ROLL_BACK")
    public Response rollback(
            @PathParam("project") String project,
            @PathParam("alias") String alias,
            @HeaderParam(HttpHeaders.IF_MATCH) String ifMatch,
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            RollbackRequest request) {
        Model model = lookup.require(project);
        Long expected = expected(request == null ? null : request.expectedGeneration(), ifMatch);
        Integer version = request == null ? null : request.version();
        String reason = request == null ? null : request.reason();
        Response answer = idempotency.once(
                "POST /models/" + model.projectId() + "/aliases/" + alias + "/rollback",
                key,
                expected + " " + version + " " + reason,
                () -> rollbackFrom(model, alias, expected, version),
                current -> answer(promotions.rollback(model, current, version, reason, actor)));
        replica.refresh();
        return answer;
    }

    /** Returns the current state of the alias, after the version to roll back to is ready in this replica. */
    private AliasMove rollbackFrom(Model model, String alias, Long expected, Integer version) {
        AliasMove current = require(model, alias);
        if (expected != null && expected != current.generation()) {
            throw Promotions.stale(model, alias, expected, current.generation());
        }
        replica.requireReady(
                model.projectId(),
                promotions.rollbackTarget(model, current, version).version());
        return current;
    }

    @GET
    @Path("/{alias}/history")
    @Operation(summary = "Lists the moves of an alias, newest first")
    @APIResponse(
            responseCode = "200",
            description = "Moves, newest first",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = AliasPage.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, ALIAS_NOT_FOUND")
    public Response history(
            @PathParam("project") String project,
            @PathParam("alias") String alias,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        Model model = lookup.require(project);
        require(model, alias);
        PageRequest request = PageRequest.of(limit, cursor);
        return Pages.response(
                Page.of(
                        aliases.history(
                                model.projectId(),
                                alias,
                                ModelResource.before(request, Long.MAX_VALUE),
                                request.limit() + 1),
                        request,
                        move -> String.valueOf(move.generation())),
                uri);
    }

    private AliasMove require(Model model, String alias) {
        Alias.requireName(alias);
        return aliases.find(model.projectId(), alias)
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.ALIAS_NOT_FOUND,
                        "model '" + model.name() + "' has no alias " + QuotedInput.of(alias)));
    }

    private static Response answer(AliasMove move) {
        return Response.ok(move)
                .tag(new EntityTag(String.valueOf(move.generation())))
                .build();
    }

    private static Long expected(Long inBody, String ifMatch) {
        Long generation = IfMatch.revision(ifMatch);
        if (generation == null) {
            return inBody;
        }
        if (inBody != null && !Objects.equals(inBody, generation)) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "If-Match: expected generation " + inBody + " as in expectedGeneration, got " + generation);
        }
        return generation;
    }
}
