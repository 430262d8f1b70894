package dev.loupe.inference.registry;

import dev.loupe.inference.registry.PolicyRepository.StoredPolicy;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.Fields;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The promotion policy of a project over REST. */
@Path("/api/v1/models/{project}/promotion-policy")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Policies", description = "Conditions that a version must meet before an alias points at it.")
class PolicyResource {
    private final ModelLookup lookup;
    private final Policies policies;

    /** A policy in responses. */
    @Schema(name = "PromotionPolicyState")
    record PolicyView(
            @Schema(required = true, description = "0 if none was set; also the ETag")
            long revision,

            @Schema(required = true) PromotionPolicy policy,
            @Schema(description = "who set it") String actor,
            Instant changedAt) {
        static PolicyView of(StoredPolicy stored) {
            return new PolicyView(stored.revision(), stored.policy(), stored.actor(), stored.changedAt());
        }
    }

    PolicyResource(ModelLookup lookup, Policies policies) {
        this.lookup = lookup;
        this.policies = policies;
    }

    @GET
    @Operation(
            operationId = "promotionPolicy",
            summary = "The promotion policy of a project, with all defaults; the ETag is the revision")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = PolicyView.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND")
    public Response get(@PathParam("project") String project) {
        return answer(policies.get(lookup.require(project)));
    }

    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "replacePromotionPolicy",
            summary = "Replaces the promotion policy of a project",
            description = "Fields that are absent get their defaults. Send the revision that you read as If-Match: if "
                    + "the policy changed in the meantime, nothing happens. Revision 0 means that none may be set yet. "
                    + "The policy holds for the next promotion of each alias of the project, and for requests that wait "
                    + "for approval. The change is recorded in the audit log.")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            schema = @Schema(implementation = PromotionPolicy.class),
                            examples = @ExampleObject(name = "policy", value = """
                                            {"metricFloors": {"accuracy": 0.9}, "recallFloors": {"scratch": 0.8},
                                             "minTestImages": 100, "comparison": "INTERVAL", "approval": true}""")))
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = PolicyView.class)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND")
    @APIResponse(responseCode = "409", description = "STALE_REVISION")
    @APIResponse(responseCode = "422", description = "POLICY_INVALID")
    public Response replace(
            @PathParam("project") String project,
            @HeaderParam(HttpHeaders.IF_MATCH) String ifMatch,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            PromotionPolicy policy) {
        Fields.requirePresent("body", policy);
        return answer(policies.replace(lookup.require(project), policy, IfMatch.revision(ifMatch), actor));
    }

    private static Response answer(StoredPolicy stored) {
        return Response.ok(PolicyView.of(stored))
                .tag(new EntityTag(String.valueOf(stored.revision())))
                .build();
    }
}
