package dev.loupe.dataset.limit;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.dataset.limit.StorageLimits.Usage;
import dev.loupe.service.access.Tenant;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.Fields;
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

/** The limits of tenants over HTTP. */
@Path("/api/v1/tenants/{tenant}/limits")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Limits")
public class TenantLimitResource {
    private final StorageLimits storage;
    private final TenantLimitChanges limits;
    private final Audit audit;
    private final RequestLimitDirectory directory;

    /** The limits of a tenant, and what it uses of them. */
    @JsonInclude(Include.NON_NULL)
    @Schema(
            name = "TenantLimits",
            requiredProperties = {"images", "bytes"})
    record TenantLimits(
            @Schema(description = "absent: there is no limit")
            Long maxImages,

            @Schema(description = "absent: there is no limit")
            Long maxBytes,

            @Schema(description = "of all its callers, to one replica; absent: there is no limit")
            Double requestsPerSecond,

            @Schema(description = "number of the images of all its projects, without deleted ones")
            long images,

            @Schema(description = "bytes of these images, as they were uploaded")
            long bytes) {}

    TenantLimitResource(
            StorageLimits storage, TenantLimitChanges limits, Audit audit, RequestLimitDirectory directory) {
        this.storage = storage;
        this.limits = limits;
        this.audit = audit;
        this.directory = directory;
    }

    @GET
    @Operation(
            operationId = "getTenantLimits",
            summary = "The limits of a tenant, and what it uses",
            description =
                    "For administrators of all projects of the tenant, and for those of all projects of `default`.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = TenantLimits.class)))
    @APIResponse(responseCode = "404", description = "TENANT_NOT_FOUND")
    public TenantLimits getTenantLimits(@PathParam("tenant") String tenant) {
        return view(Tenant.require(tenant));
    }

    private TenantLimits view(String tenant) {
        NewTenantLimits set = limits.of(tenant);
        Usage usage = storage.usageOfTenant(tenant);
        return new TenantLimits(
                set.maxImages(), set.maxBytes(), set.requestsPerSecond(), usage.images(), usage.bytes());
    }

    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "setTenantLimits", summary = "Set the limits of a tenant", description = """
            All of them: without one that is absent, there is no such limit. They count for all projects and callers of the \
            tenant together, beside the limits of each project and token. A tenant that has more than a new limit keeps it, \
            and takes no further images. The other services know a limit of requests within seconds. A tenant can have limits \
            before its first project or token.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = TenantLimits.class)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST")
    @APIResponse(responseCode = "404", description = "TENANT_NOT_FOUND: this can't be the name of a tenant")
    public TenantLimits setTenantLimits(
            @PathParam("tenant") String tenant,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @RequestBody(content = @Content(examples = @ExampleObject("""
                                                    {"maxImages": 1000000, "maxBytes": 500000000000,
                                                     "requestsPerSecond": 200}"""))) NewTenantLimits body) {
        Fields.requirePresent("body", body);
        Tenant.require(tenant);
        QuarkusTransaction.requiringNew().run(() -> {
            NewTenantLimits before = limits.of(tenant);
            limits.set(tenant, body);
            audit.record(
                    Change.of(null, actor, "limits.set", "tenant:" + tenant).values(before, body));
        });
        directory.refresh();
        return view(tenant);
    }
}
