package dev.loupe.training.queue;

import dev.loupe.service.access.CurrentCaller;
import dev.loupe.service.access.Tenant;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.dataset.FrozenVersion;
import dev.loupe.training.dataset.FrozenVersions;
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
        Quota quota;
        try {
            quota = new Quota(body.maxRuns(), body.maxGpus(), body.weight() == null ? 1 : body.weight());
        } catch (IllegalArgumentException e) {
            throw new ServiceException(ErrorCode.INVALID_REQUEST, e.getMessage(), e);
        }
        quotas.set(version.projectId(), quota, actor);
        return ProjectQuota.of(version, quota);
    }
}
