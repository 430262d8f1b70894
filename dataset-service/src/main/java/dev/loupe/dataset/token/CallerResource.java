package dev.loupe.dataset.token;

import dev.loupe.dataset.project.Projects;
import dev.loupe.service.access.AuthConfig;
import dev.loupe.service.access.AuthMode;
import dev.loupe.service.access.Caller;
import dev.loupe.service.access.CurrentCaller;
import dev.loupe.service.access.Role;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Says who makes the request. */
@Path("/api/v1/caller")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Access")
public class CallerResource {
    private final CurrentCaller current;
    private final AuthConfig auth;
    private final Projects projects;

    /** The caller of a request. */
    @Schema(
            name = "Caller",
            requiredProperties = {"name", "kind", "tenant", "projects", "mode"})
    record CallerView(
            @Schema(description = "name in the audit log") String name,
            Caller.Kind kind,

            @Schema(description = "whose projects exist for the caller; `default` where there are no others")
            String tenant,

            @Schema(description = "role in all projects of the tenant; in `default` also in what belongs to none")
            Role role,

            @Schema(description = "further roles, by the id of the project")
            Map<UUID, Role> projects,

            @Schema(description = "who created the token") String onBehalfOf,
            AuthMode mode) {}

    CallerResource(CurrentCaller current, AuthConfig auth, Projects projects) {
        this.projects = projects;
        this.current = current;
        this.auth = auth;
    }

    @GET
    @Operation(operationId = "caller", summary = "Who makes the request, and what they may do", description = """
            `mode` is how the service knows its callers; with `DISABLED`, every caller is an administrator.""")
    public CallerView get() {
        Caller caller = current.get();
        return new CallerView(
                caller.name(),
                caller.kind(),
                caller.tenant(),
                caller.everywhere(),
                projects(caller),
                caller.onBehalfOf(),
                auth.mode());
    }

    /** Those of the caller's tenant: a person of the same name may be a member elsewhere. */
    private Map<UUID, Role> projects(Caller caller) {
        if (caller.projects().isEmpty()) {
            return Map.of();
        }
        Map<UUID, Role> own = new HashMap<>(caller.projects());
        own.keySet().retainAll(projects.ofTenant(caller.tenant()));
        return own;
    }
}
