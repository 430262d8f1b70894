package dev.loupe.inference.traffic;

import dev.loupe.inference.registry.Canaries.Share;
import dev.loupe.inference.registry.CandidateReadiness;
import dev.loupe.inference.registry.IfMatch;
import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelLookup;
import dev.loupe.inference.registry.Replica;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Rollouts over REST. */
@Path("/api/v1/models/{project}/aliases/{alias}/canary/rollout")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Canaries")
class RolloutResource {
    private static final int MAX_REASON_LENGTH = 1000;

    private final ModelLookup lookup;
    private final Rollouts rollouts;
    private final CandidateReadiness readiness;
    private final Replica replica;

    /** A request to raise the weight of a candidate step by step. */
    record RolloutRequest(
            @Schema(required = true, minimum = "1", description = "number of the version")
            Integer candidate,

            @Schema(description = "default: all defaults") RolloutPlan plan,

            @Schema(description = "although checks of the policy fail; requires a reason")
            boolean force,

            @Schema(maxLength = MAX_REASON_LENGTH) String reason) {
        RolloutRequest {
            Fields.atLeast("candidate", Fields.requirePresent("candidate", candidate), 1);
            Fields.atMost("reason", reason, MAX_REASON_LENGTH);
            plan = plan == null ? RolloutPlan.standard() : plan;
            reason = reason == null || reason.isBlank() ? null : reason.strip();
            if (force && reason == null) {
                throw new ServiceException(
                        ErrorCode.REASON_REQUIRED,
                        "reason: expected why the candidate is forced, which the history keeps, got nothing");
            }
        }
    }

    RolloutResource(ModelLookup lookup, Rollouts rollouts, CandidateReadiness readiness, Replica replica) {
        this.lookup = lookup;
        this.rollouts = rollouts;
        this.readiness = readiness;
        this.replica = replica;
    }

    @GET
    @Operation(
            operationId = "rollout",
            summary = "The last rollout of an alias",
            description = "`message` says what has decided, or while it runs, what is known now. Replicas add their "
                    + "counts every few seconds.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Rollout.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, ROLLOUT_NOT_FOUND")
    public Rollout get(@PathParam("project") String project, @PathParam("alias") String alias) {
        Model model = lookup.require(project);
        return rollouts.find(model, alias);
    }

    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "startRollout",
            summary = "Raises the weight of a candidate step by step",
            description =
                    "The version becomes the candidate with the weight of the first step. When a step has lasted as "
                            + "long as the plan says and all bounds hold, the next one begins. As soon as a bound does not hold, "
                            + "the holder answers all requests again. If the evidence does not suffice at the end of a step, the "
                            + "rollout stops and the weight stays. A change of the candidate by another request stops it, too. After "
                            + "the last step, promote the candidate: the rollout does not. Send the revision of the candidate that "
                            + "you read as If-Match: if the candidate changed in the meantime, nothing happens. Each change is "
                            + "recorded in the audit log.")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            schema = @Schema(implementation = RolloutRequest.class),
                            examples = @ExampleObject(name = "rollout", value = """
                                            {"candidate": 2, "plan": {"steps": [5, 25, 100], "bakeSeconds": 600,
                                             "maxErrorRate": 0.01, "maxP99Millis": 200}}""")))
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Rollout.class)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST, ALIAS_INVALID")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, ALIAS_NOT_FOUND")
    @APIResponse(responseCode = "409", description = "STALE_REVISION, GATE_FAILED, APPROVAL_REQUIRED, CANARY_ACTIVE")
    @APIResponse(responseCode = "422", description = "ROLLOUT_INVALID, REASON_REQUIRED, CANARY_INVALID")
    @APIResponse(responseCode = "503", description = "MODEL_NOT_READY, with the reason")
    public Rollout start(
            @PathParam("project") String project,
            @PathParam("alias") String alias,
            @HeaderParam(HttpHeaders.IF_MATCH) String ifMatch,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            RolloutRequest request) {
        Fields.requirePresent("body", request);
        Long revision = IfMatch.revision(ifMatch);
        Model model = readiness.require(project, alias, request.candidate());
        RolloutPlan plan = request.plan();
        Rollout rollout = rollouts.start(
                model,
                plan,
                new Share(
                        alias,
                        request.candidate(),
                        plan.steps().getFirst(),
                        plan.maxDisagreementRate() == null ? null : true,
                        revision,
                        request.force(),
                        request.reason(),
                        actor));
        replica.refresh();
        return rollout;
    }
}
