package dev.loupe.training.queue;

import dev.loupe.service.access.CurrentCaller;
import dev.loupe.service.access.Tenant;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.dataset.FrozenVersion;
import dev.loupe.training.dataset.FrozenVersions;
import dev.loupe.training.queue.Quotas.TenantRow;
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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Quotas over HTTP. */
@Path("/api/v1/quotas")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Queue")
public class QuotaResource {
    private final Quotas quotas;
    private final FrozenVersions versions;
    private final CurrentCaller caller;

    /** The requested quota; null means no limit, or weight 1. */
    public record NewQuota(Integer maxRuns, Integer maxGpus, Double weight) {}

    /** A project's quota. */
    public record ProjectQuota(String project, Integer maxRuns, Integer maxGpus, double weight) {
        static ProjectQuota of(FrozenVersion version, Quota quota) {
            return new ProjectQuota(version.projectName(), quota.maxRuns(), quota.maxGpus(), quota.weight());
        }
    }

    /** The requested quota of a tenant; null means no limit. */
    public record NewTenantQuota(Integer maxRuns, Integer maxGpus) {}

    /** A tenant's quota; null means no limit. */
    public record TenantQuota(String tenant, Integer maxRuns, Integer maxGpus) {
        static TenantQuota of(TenantRow row) {
            return new TenantQuota(row.tenant(), row.maxRuns(), row.maxGpus());
        }
    }

    QuotaResource(Quotas quotas, FrozenVersions versions, CurrentCaller caller) {
        this.caller = caller;
        this.quotas = quotas;
        this.versions = versions;
    }

    @GET
    @Operation(summary = "The quotas that were set")
    public Map<String, List<ProjectQuota>> list() {
        return Map.of(
                "items",
                quotas.all().entrySet().stream()
                        .flatMap(quota -> versions
                                .findProject(quota.getKey())
                                .map(version -> ProjectQuota.of(version, quota.getValue()))
                                .stream())
                        .filter(quota -> Tenant.ofProject(quota.project())
                                .equals(caller.get().tenant()))
                        .sorted(Comparator.comparing(ProjectQuota::project))
                        .toList());
    }

    @GET
    @Path("/{project}")
    @Operation(summary = "A project's quota (its name or id); if none was set: no limits, weight 1")
    public ProjectQuota get(@PathParam("project") String project) {
        FrozenVersion version = versions.requireProject(project);
        return ProjectQuota.of(version, quotas.of(version.projectId()));
    }

    @PUT
    @Path("/{project}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Set what a project (its name or id) may have at the same time", description = """
            `maxRuns` bounds its runs that have a trainer, `maxGpus` the GPUs of all of them; without a number there is \
            no limit. Where several projects wait, each gets trainers by its `weight`. What runs already goes on.""")
    public ProjectQuota put(
            @PathParam("project") String project,
            @HeaderParam("X-Loupe-Actor") @DefaultValue("local") String actor,
            @RequestBody(
                            content =
                                    @Content(
                                            examples =
                                                    @ExampleObject("{\"maxRuns\": 2, \"maxGpus\": 4, \"weight\": 2}")))
                    NewQuota body) {
        FrozenVersion version = versions.requireProject(project);
        Fields.requirePresent("body", body);
        Quota quota = quota(body.maxRuns(), body.maxGpus(), body.weight());
        quotas.set(version.projectId(), quota, actor);
        return ProjectQuota.of(version, quota);
    }

    private static Quota quota(Integer maxRuns, Integer maxGpus, Double weight) {
        try {
            return new Quota(maxRuns, maxGpus, weight == null ? 1 : weight);
        } catch (IllegalArgumentException e) {
            throw new ServiceException(ErrorCode.INVALID_REQUEST, e.getMessage(), e);
        }
    }

    @GET
    @Path("/tenants/{tenant}")
    @Operation(
            operationId = "getTenantQuota",
            summary = "The quota of a tenant",
            description =
                    "For administrators of all projects of the tenant, and for those of all projects of `default`.")
    public TenantQuota getOfTenant(@PathParam("tenant") String tenant) {
        return TenantQuota.of(quotas.ofTenant(Tenant.require(tenant)));
    }

    @PUT
    @Path("/tenants/{tenant}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "setTenantQuota",
            summary = "Set what all projects of a tenant together may have at the same time",
            description = """
                    `maxRuns` bounds their runs that have a trainer, `maxGpus` the GPUs of all of them; without a number \
                    there is no limit. The quotas of the projects count beside it. What runs already goes on.""")
    public TenantQuota putOfTenant(
            @PathParam("tenant") String tenant,
            @HeaderParam("X-Loupe-Actor") @DefaultValue("local") String actor,
            @RequestBody(content = @Content(examples = @ExampleObject("{\"maxRuns\": 8, \"maxGpus\": 8}")))
                    NewTenantQuota body) {
        Fields.requirePresent("body", body);
        Quota checked = quota(body.maxRuns(), body.maxGpus(), null);
        TenantRow row = new TenantRow(Tenant.require(tenant), checked.maxRuns(), checked.maxGpus());
        quotas.setOfTenant(row, actor);
        return TenantQuota.of(row);
    }
}
