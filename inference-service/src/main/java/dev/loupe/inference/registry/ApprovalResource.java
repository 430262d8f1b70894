package dev.loupe.inference.registry;

import dev.loupe.inference.registry.ApprovalRequest.State;
import dev.loupe.inference.registry.Promotions.Promotion;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
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
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Promotions that another person than the author approves, over REST. */
@Path("/api/v1/models/{project}/promotions")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Promotions", description = "Promotions that another person than the author approves or rejects.")
class ApprovalResource {
    private static final int MAX_TEXT_LENGTH = 1000;

    private final ModelLookup lookup;
    private final Approvals approvals;
    private final ApprovalRepository requests;
    private final Replica replica;
    private final Idempotency idempotency;

    /** A request for a promotion. */
    @Schema(name = "NewPromotionRequest")
    record NewRequest(
            @Schema(required = true) String alias,
            @Schema(required = true, minimum = "1") Integer version,
            @Schema(minimum = "0") Long expectedGeneration,
            boolean force,
            @Schema(maxLength = MAX_TEXT_LENGTH) String reason) {
        NewRequest {
            Alias.requireName(Fields.requirePresent("alias", alias));
            Fields.atLeast("version", Fields.requirePresent("version", version), 1);
            Fields.atLeast("expectedGeneration", expectedGeneration, 0);
            Fields.atMost("reason", reason, MAX_TEXT_LENGTH);
            reason = reason == null || reason.isBlank() ? null : reason.strip();
            if (force && reason == null) {
                throw new ServiceException(
                        ErrorCode.REASON_REQUIRED,
                        "reason: expected why the promotion is forced, which the history keeps, got nothing");
            }
        }
    }

    /** A decision on a request. */
    @Schema(name = "PromotionDecision")
    record Decision(@Schema(maxLength = MAX_TEXT_LENGTH) String comment) {
        Decision {
            Fields.atMost("comment", comment, MAX_TEXT_LENGTH);
            comment = comment == null || comment.isBlank() ? null : comment.strip();
        }
    }

    /** The schema of a page of requests. */
    @Schema(name = "ApprovalRequestPage")
    record RequestPage(List<ApprovalRequest> items, String nextCursor) {}

    ApprovalResource(
            ModelLookup lookup,
            Approvals approvals,
            ApprovalRepository requests,
            Replica replica,
            Idempotency idempotency) {
        this.lookup = lookup;
        this.approvals = approvals;
        this.requests = requests;
        this.replica = replica;
        this.idempotency = idempotency;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "requestPromotion",
            summary = "Requests a promotion, which another person approves or rejects",
            description = "The checks must pass, or the request be forced with a reason. If the policy of the project "
                    + "expects no approval, the promotion is made at once, and the request is APPROVED.")
    @APIResponse(responseCode = "201", content = @Content(schema = @Schema(implementation = ApprovalRequest.class)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST, ALIAS_INVALID")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND")
    @APIResponse(
            responseCode = "409",
            description = "STALE_GENERATION, GATE_FAILED, GATE_INCONCLUSIVE or GATE_NOT_COMPARABLE")
    @APIResponse(responseCode = "422", description = "REASON_REQUIRED")
    @APIResponse(responseCode = "503", description = "MODEL_NOT_READY, with the reason")
    public Response request(
            @PathParam("project") String project,
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            NewRequest request) {
        Fields.requirePresent("body", request);
        Model model = lookup.require(project);
        Promotion promotion = new Promotion(
                request.alias(),
                request.version(),
                request.expectedGeneration(),
                request.force(),
                request.reason(),
                actor,
                null);
        Response answer = idempotency.once(
                "POST /models/" + model.projectId() + "/promotions",
                key,
                promotion.toString(),
                () -> {
                    lookup.requireVersion(model, request.version());
                    replica.requireReady(model.projectId(), request.version());
                    return promotion;
                },
                ready -> Response.status(Response.Status.CREATED)
                        .entity(approvals.request(model, ready))
                        .build());
        replica.refresh();
        return answer;
    }

    @GET
    @Operation(operationId = "promotionRequests", summary = "Lists the promotion requests of a project, newest first")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = RequestPage.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND")
    public Response list(
            @PathParam("project") String project,
            @QueryParam("state")
                    @Parameter(
                            description = "only requests in this state",
                            schema = @Schema(implementation = State.class))
                    String state,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        Model model = lookup.require(project);
        PageRequest page = PageRequest.of(limit, cursor);
        return Pages.response(
                Page.of(
                        requests.list(
                                model.projectId(),
                                Fields.oneOf("state", State.class, state),
                                (int) ModelResource.before(page, Integer.MAX_VALUE),
                                page.limit() + 1),
                        page,
                        request -> String.valueOf(request.number())),
                uri);
    }

    @GET
    @Path("/{number}")
    @Operation(operationId = "promotionRequest", summary = "One promotion request")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = ApprovalRequest.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, PROMOTION_REQUEST_NOT_FOUND")
    public ApprovalRequest get(@PathParam("project") String project, @PathParam("number") int number) {
        return approvals.require(lookup.require(project), number);
    }

    @POST
    @Path("/{number}/approve")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "approvePromotion",
            summary = "Approves a promotion request, and promotes",
            description = "The checks are made once more, in the transaction that moves the alias. The author of the "
                    + "request cannot approve it. A request is SUPERSEDED as soon as its alias moves.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = ApprovalRequest.class)))
    @APIResponse(responseCode = "403", description = "SELF_APPROVAL_REFUSED")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, PROMOTION_REQUEST_NOT_FOUND")
    @APIResponse(
            responseCode = "409",
            description = "PROMOTION_REQUEST_CLOSED, GATE_FAILED, GATE_INCONCLUSIVE or GATE_NOT_COMPARABLE")
    @APIResponse(responseCode = "503", description = "MODEL_NOT_READY, with the reason")
    public ApprovalRequest approve(
            @PathParam("project") String project,
            @PathParam("number") int number,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            Decision decision) {
        Model model = lookup.require(project);
        ApprovalRequest request = approvals.require(model, number);
        if (request.state() == State.PENDING && !request.isBy(actor)) {
            replica.requireReady(model.projectId(), request.version());
        }
        ApprovalRequest approved =
                approvals.approve(model, number, decision == null ? null : decision.comment(), actor);
        replica.refresh();
        return approved;
    }

    @POST
    @Path("/{number}/reject")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "rejectPromotion", summary = "Rejects a promotion request, with a comment")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = ApprovalRequest.class)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST: no comment")
    @APIResponse(responseCode = "403", description = "SELF_APPROVAL_REFUSED")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, PROMOTION_REQUEST_NOT_FOUND")
    @APIResponse(responseCode = "409", description = "PROMOTION_REQUEST_CLOSED")
    public ApprovalRequest reject(
            @PathParam("project") String project,
            @PathParam("number") int number,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            Decision decision) {
        String comment = Fields.requirePresent("comment", decision == null ? null : decision.comment());
        return approvals.reject(lookup.require(project), number, comment, actor);
    }
}
