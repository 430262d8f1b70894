package dev.loupe.dataset.token;

import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.service.access.ApiToken;
import dev.loupe.service.access.Caller;
import dev.loupe.service.access.CurrentCaller;
import dev.loupe.service.access.Role;
import dev.loupe.service.access.Tenant;
import dev.loupe.service.access.TokenDirectory;
import dev.loupe.service.access.TokenText;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.database.Ids;
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
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** API tokens over HTTP. */
@Path("/api/v1/tokens")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Access", description = "Who may do what.")
public class TokenResource {
    private static final String NAME = "[a-z0-9][a-z0-9._-]{0,62}";
    private static final Pattern NAME_PATTERN = Pattern.compile(NAME);
    /** A token with such a name could be taken for another one. */
    private static final Pattern ID_PATTERN = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private static final int DEFAULT_DAYS = 90;
    private static final int MAX_DAYS = 3650;

    private final Tokens tokens;
    private final Projects projects;
    private final TokenDirectory directory;
    private final CurrentCaller caller;

    /** What a token is good for now. */
    public enum State {
        VALID,
        EXPIRED,
        REVOKED
    }

    @Schema(name = "NewToken")
    record NewToken(
            @Schema(required = true, pattern = NAME, description = "unique; the audit log has it as `token:NAME`")
            String name,

            @Schema(required = true) Role role,

            @Schema(description = "name or id of the only project that it is for; absent: all projects of the tenant")
            String project,

            @Schema(
                    pattern = Tenant.PATTERN,
                    description =
                            "tenant whose projects it is for, if it is not your own: to create the first token of a tenant;"
                                    + " only for administrators of all projects of the tenant `default`, and without"
                                    + " `project`")
            String tenant,

            @Schema(
                    minimum = "1",
                    maximum = "" + MAX_DAYS,
                    defaultValue = "" + DEFAULT_DAYS,
                    description = "days until it expires")
            Integer expiresInDays) {
        NewToken {
            Fields.requirePresent("name", name);
            if (!NAME_PATTERN.matcher(name).matches()
                    || ID_PATTERN.matcher(name).matches()) {
                throw new ServiceException(
                        ErrorCode.INVALID_REQUEST, "name: expected " + NAME + ", got " + QuotedInput.of(name));
            }
            Fields.requirePresent("role", role);
            if (tenant != null && !Tenant.isOne(tenant)) {
                throw new ServiceException(
                        ErrorCode.INVALID_REQUEST,
                        "tenant: expected " + Tenant.PATTERN + ", got " + QuotedInput.of(tenant));
            }
            if (tenant != null && project != null) {
                throw new ServiceException(
                        ErrorCode.INVALID_REQUEST, "tenant: expected none with a project, whose tenant is known");
            }
            Fields.within("expiresInDays", expiresInDays, 1, MAX_DAYS);
        }
    }

    /** A token in responses. */
    @Schema(
            name = "ApiToken",
            requiredProperties = {"id", "name", "tenant", "role", "state", "createdBy", "createdAt"})
    record TokenView(
            UUID id,
            String name,

            @Schema(
                    description =
                            "tenant whose projects it is for; the audit log has it before the name: `acme/camera-1`")
            String tenant,

            Role role,

            @Schema(description = "id of the only project that it is for")
            UUID projectId,

            State state,
            String createdBy,
            Instant createdAt,
            Instant expiresAt,
            Instant revokedAt,

            @Schema(description = "the token itself: only in the response to its creation")
            String token) {
        static TokenView of(ApiToken token, String text) {
            State state = token.revokedAt() != null
                    ? State.REVOKED
                    : token.expiresAt().isAfter(Instant.now()) ? State.VALID : State.EXPIRED;
            return new TokenView(
                    token.id(),
                    token.name().substring(Tenant.beforeTokens(token.tenant()).length()),
                    token.tenant(),
                    token.role(),
                    token.onlyProject(),
                    state,
                    token.createdBy(),
                    token.createdAt(),
                    token.expiresAt(),
                    token.revokedAt(),
                    text);
        }
    }

    /** The schema of a page of tokens. */
    @Schema(name = "ApiTokenPage")
    record TokenPage(@Schema(required = true) List<TokenView> items, String nextCursor) {}

    TokenResource(Tokens tokens, Projects projects, TokenDirectory directory, CurrentCaller caller) {
        this.caller = caller;
        this.tokens = tokens;
        this.projects = projects;
        this.directory = directory;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "createToken", summary = "Create an API token", description = """
            The response has the token: it is shown once, and only its SHA-256 is stored. With `project` it is for this \
            project alone: everything else does not exist for it. The other services know it within seconds.""")
    @APIResponse(responseCode = "201", content = @Content(schema = @Schema(implementation = TokenView.class)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST")
    @APIResponse(responseCode = "403", description = "PERMISSION_DENIED: the `tenant` is another one than yours")
    @APIResponse(responseCode = "404", description = "PROJECT_NOT_FOUND")
    @APIResponse(responseCode = "409", description = "TOKEN_EXISTS")
    public Response create(
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @RequestBody(content = @Content(examples = @ExampleObject("""
                                                    {"name": "camera-1", "role": "VIEWER", "project": "solar-cell",
                                                     "expiresInDays": 365}"""))) NewToken body) {
        Fields.requirePresent("body", body);
        Project project = body.project() == null ? null : projects.require(body.project());
        String tenant = tenant(body.tenant());
        String text = TokenText.draw();
        int days = body.expiresInDays() == null ? DEFAULT_DAYS : body.expiresInDays();
        ApiToken token = tokens.insert(new ApiToken(
                Ids.next(),
                Tenant.beforeTokens(tenant) + body.name(),
                TokenText.sha256(text),
                body.role(),
                project == null ? Tenant.allProjects(tenant) : project.id(),
                actor,
                null,
                Instant.now().plus(Duration.ofDays(days)),
                null,
                1));
        directory.read();
        return Response.created(URI.create("/api/v1/tokens/" + token.id()))
                .entity(TokenView.of(token, text))
                .build();
    }

    private String tenant(String asked) {
        Caller who = caller.get();
        if (asked == null || asked.equals(who.tenant())) {
            return who.tenant();
        }
        if (!who.isOperator()) {
            throw new ServiceException(
                    ErrorCode.PERMISSION_DENIED,
                    "tenant: expected '" + who.tenant()
                            + "' or none, because only administrators of all projects of the" + " tenant '"
                            + Tenant.DEFAULT + "' see and create tokens of others, got " + QuotedInput.of(asked));
        }
        return asked;
    }

    @GET
    @Operation(operationId = "listTokens", summary = "List API tokens, the newest first", description = """
            Expired and revoked ones, too. None shows the token itself.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = TokenPage.class)))
    @APIResponse(responseCode = "404", description = "PROJECT_NOT_FOUND")
    public Response list(
            @QueryParam("project") @Parameter(description = "only those for this project alone; its name or id")
                    String project,
            @QueryParam("tenant")
                    @Parameter(
                            description = "of this tenant instead of yours; for administrators of all projects of the"
                                    + " tenant `default`")
                    String tenant,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        PageRequest page = PageRequest.of(limit, cursor);
        UUID only = project == null ? null : projects.require(project).id();
        List<TokenView> found = tokens.list(tenant(tenant), only, position(page), page).stream()
                .map(token -> TokenView.of(token, null))
                .toList();
        return Pages.response(Page.of(found, page, token -> token.id().toString()), uri);
    }

    private static UUID position(PageRequest page) {
        try {
            return page.after().isEmpty() ? null : UUID.fromString(page.after());
        } catch (IllegalArgumentException e) {
            throw new ServiceException(ErrorCode.INVALID_CURSOR, "cursor: not one that an earlier page gave", e);
        }
    }

    @DELETE
    @Path("/{token}")
    @Operation(operationId = "revokeToken", summary = "Revoke an API token", description = """
            Its name or id. This service refuses it from now on, the other services and replicas within seconds. Its name \
            can be used again.""")
    @APIResponse(responseCode = "204", description = "It is revoked")
    @APIResponse(responseCode = "404", description = "TOKEN_NOT_FOUND")
    public void revoke(
            @PathParam("token") String idOrName, @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor) {
        tokens.revoke(tokens.require(idOrName), actor);
        directory.refresh();
    }
}
