package dev.loupe.dataset.limit;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.dataset.token.Tokens;
import dev.loupe.service.access.ApiToken;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.Fields;
import dev.loupe.service.limit.LimitKind;
import dev.loupe.service.limit.LimitsConfig;
import dev.loupe.service.limit.RequestLimit;
import dev.loupe.service.limit.RequestLimitDirectory;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The limits of API tokens over HTTP. */
@Path("/api/v1/tokens/{token}/limits")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Limits")
public class TokenLimitResource {
    private final Tokens tokens;
    private final RequestLimitChanges requests;
    private final LimitsConfig defaults;
    private final Audit audit;
    private final RequestLimitDirectory directory;

    /** The limit of a token. */
    @JsonInclude(Include.NON_NULL)
    @Schema(name = "TokenLimits")
    record TokenLimits(
            @Schema(
                    description =
                            "requests in a second to one replica; absent: the default of the configuration, or none")
            Double requestsPerSecond) {
        TokenLimits {
            RequestLimit.requireRate(requestsPerSecond);
        }
    }

    TokenLimitResource(
            Tokens tokens,
            RequestLimitChanges requests,
            LimitsConfig defaults,
            Audit audit,
            RequestLimitDirectory directory) {
        this.tokens = tokens;
        this.requests = requests;
        this.defaults = defaults;
        this.audit = audit;
        this.directory = directory;
    }

    @GET
    @Operation(operationId = "getTokenLimits", summary = "The limit of an API token, by its name or id")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = TokenLimits.class)))
    @APIResponse(responseCode = "404", description = "TOKEN_NOT_FOUND")
    public TokenLimits getTokenLimits(@PathParam("token") String token) {
        return limits(tokens.require(token));
    }

    private TokenLimits limits(ApiToken token) {
        Double rate = requests.of(token.id());
        return new TokenLimits(
                rate == null ? defaults.token().requestsPerSecond().orElse(null) : rate);
    }

    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "setTokenLimits",
            summary = "Set the limit of an API token, by its name or id",
            description = "The other services know it within seconds.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = TokenLimits.class)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST")
    @APIResponse(responseCode = "404", description = "TOKEN_NOT_FOUND")
    public TokenLimits setTokenLimits(
            @PathParam("token") String idOrName,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @RequestBody(content = @Content(examples = @ExampleObject("{\"requestsPerSecond\": 20}")))
                    TokenLimits body) {
        Fields.requirePresent("body", body);
        ApiToken token = tokens.require(idOrName);
        QuarkusTransaction.requiringNew().run(() -> {
            Double before = requests.of(token.id());
            requests.set(token.id(), LimitKind.TOKEN, body.requestsPerSecond());
            audit.record(Change.of(token.projectId(), actor, "limits.set", "token:" + token.name())
                    .values(new TokenLimits(before), body));
        });
        directory.refresh();
        return limits(token);
    }
}
