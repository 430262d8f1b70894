package dev.loupe.inference.registry;

import dev.loupe.inference.registry.Canaries.Share;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
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
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Candidates of aliases over REST. */
@Path("/api/v1/models/{project}/aliases/{alias}/canary")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Canaries", description = "A candidate that answers a share of the requests to an alias.")
class CanaryResource {
    private static final int MAX_REASON_LENGTH = 1000;

    private final ModelLookup lookup;
    private final CanaryRepository repository;
    private final Canaries canaries;
    private final CandidateReadiness readiness;
    private final Replica replica;

    /** A request to give a candidate a share of the requests. */
    record CanaryRequest(
            @Schema(required = true, minimum = "1", description = "number of the version")
            Integer candidate,

            @Schema(
                    required = true,
                    minimum = "0",
                    maximum = "100",
                    description = "percentage of the requests to the alias that the candidate answers")
            Double weight,

            @Schema(
                    description =
                            "whether the candidate also sees the images that the holder predicts; its predictions "
                                    + "are not returned, but compared; default: as before, at first false")
            Boolean shadow,

            @Schema(description = "although checks of the policy fail; requires a reason")
            boolean force,

            @Schema(maxLength = MAX_REASON_LENGTH) String reason) {
        CanaryRequest {
            Fields.atLeast("candidate", Fields.requirePresent("candidate", candidate), 1);
            double percentage = Fields.requirePresent("weight", weight);
            if (!(percentage >= 0 && percentage <= 100)) {
                throw new ServiceException(
                        ErrorCode.INVALID_REQUEST, "weight: expected a percentage of 0 to 100, got " + weight);
            }
            reason = text(reason);
            if (force && reason == null) {
                throw new ServiceException(
                        ErrorCode.REASON_REQUIRED,
                        "reason: expected why the candidate is forced, which the history keeps, got nothing");
            }
        }
    }

    /** A request to end a candidate. */
    record CanaryAbort(
            @Schema(maxLength = MAX_REASON_LENGTH) String reason) {
        CanaryAbort {
            reason = text(reason);
        }
    }

    /** The schema of a page of changes. */
    record CanaryPage(List<CanaryChange> items, String nextCursor) {}

    CanaryResource(
            ModelLookup lookup,
            CanaryRepository repository,
            Canaries canaries,
            CandidateReadiness readiness,
            Replica replica) {
        this.lookup = lookup;
        this.repository = repository;
        this.canaries = canaries;
        this.readiness = readiness;
        this.replica = replica;
    }

    @GET
    @Operation(
            operationId = "canary",
            summary = "The candidate of an alias; the ETag is the revision",
            description =
                    "The last change. `active` is false after the candidate was promoted or aborted, or the alias "
                            + "was pointed at another version.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = CanaryChange.class)))
    @APIResponse(
            responseCode = "404",
            description = "MODEL_NOT_FOUND; CANARY_NOT_FOUND: the alias has never had a candidate")
    public Response get(@PathParam("project") String project, @PathParam("alias") String alias) {
        Model model = lookup.require(project);
        Alias.requireName(alias);
        return answer(repository.find(model.projectId(), alias).orElseThrow(() -> Canaries.noCandidate(model, alias)));
    }

    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "setCanary",
            summary = "Gives a candidate a share of the requests to an alias",
            description = "The first request makes the version the candidate of the alias, further ones change its "
                    + "weight. Requests with the same key get the same arm; with a larger weight, keys move only from "
                    + "the holder to the candidate. The version must be READY in the replica that answers. A weight "
                    + "above 0 is refused if a check of the promotion policy fails, unless it is forced; where the "
                    + "policy expects an approval, the weight is at most 50. To promote the candidate, point the alias "
                    + "at it. Send the revision that you read as If-Match: if the candidate changed in the meantime, "
                    + "nothing happens. Revision 0 means that the alias has never had one. Other replicas follow "
                    + "within seconds. The change is recorded in the audit log.")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            schema = @Schema(implementation = CanaryRequest.class),
                            examples = @ExampleObject(name = "canary", value = """
                                            {"candidate": 2, "weight": 5, "reason": "finds the hairs"}""")))
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = CanaryChange.class)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST, ALIAS_INVALID")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, ALIAS_NOT_FOUND")
    @APIResponse(
            responseCode = "409",
            description =
                    "STALE_REVISION, GATE_FAILED, APPROVAL_REQUIRED; CANARY_ACTIVE: the alias has another candidate")
    @APIResponse(
            responseCode = "422",
            description =
                    "REASON_REQUIRED: `force` without a `reason`; CANARY_INVALID: the alias points at the version")
    @APIResponse(responseCode = "503", description = "MODEL_NOT_READY, with the reason")
    public Response set(
            @PathParam("project") String project,
            @PathParam("alias") String alias,
            @HeaderParam(HttpHeaders.IF_MATCH) String ifMatch,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            CanaryRequest request) {
        Fields.requirePresent("body", request);
        Long revision = IfMatch.revision(ifMatch);
        Model model = readiness.require(project, alias, request.candidate());
        CanaryChange change = canaries.set(
                model,
                new Share(
                        alias,
                        request.candidate(),
                        request.weight(),
                        request.shadow(),
                        revision,
                        request.force(),
                        request.reason(),
                        actor));
        replica.refresh();
        return answer(change);
    }

    @POST
    @Path("/abort")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "abortCanary", summary = "Ends the candidate of an alias: its holder answers all requests")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = CanaryChange.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, ALIAS_NOT_FOUND, CANARY_NOT_FOUND")
    @APIResponse(responseCode = "409", description = "STALE_REVISION")
    public Response abort(
            @PathParam("project") String project,
            @PathParam("alias") String alias,
            @HeaderParam(HttpHeaders.IF_MATCH) String ifMatch,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            CanaryAbort request) {
        Alias.requireName(alias);
        Long revision = IfMatch.revision(ifMatch);
        Model model = lookup.require(project);
        CanaryChange change = canaries.abort(model, alias, revision, request == null ? null : request.reason(), actor);
        replica.refresh();
        return answer(change);
    }

    @GET
    @Path("/history")
    @Operation(operationId = "canaryHistory", summary = "Lists the changes of the candidates of an alias, newest first")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = CanaryPage.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND")
    public Response history(
            @PathParam("project") String project,
            @PathParam("alias") String alias,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        Model model = lookup.require(project);
        Alias.requireName(alias);
        PageRequest request = PageRequest.of(limit, cursor);
        return Pages.response(
                Page.of(
                        repository.history(
                                model.projectId(),
                                alias,
                                ModelResource.before(request, Long.MAX_VALUE),
                                request.limit() + 1),
                        request,
                        change -> String.valueOf(change.revision())),
                uri);
    }

    private static Response answer(CanaryChange change) {
        return Response.ok(change)
                .tag(new EntityTag(String.valueOf(change.revision())))
                .build();
    }

    private static String text(String reason) {
        Fields.atMost("reason", reason, MAX_REASON_LENGTH);
        return reason == null || reason.isBlank() ? null : reason.strip();
    }
}
