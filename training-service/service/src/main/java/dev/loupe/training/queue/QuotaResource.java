package dev.loupe.training.queue;

import dev.loupe.contracts.ProjectName;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.dataset.Projects;
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
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Quotas over HTTP. */
@Path("/api/v1/quotas")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Queue")
public class QuotaResource {
    private final Quotas quotas;
    private final Projects projects;

    /** The requested quota; null means no limit, or weight 1. */
    public record NewQuota(Integer maxRuns, Integer maxGpus, Double weight) {}

    /** A project's quota. */
    public record ProjectQuota(String project, Integer maxRuns, Integer maxGpus, double weight) {
        static ProjectQuota of(String project, Quota quota) {
            return new ProjectQuota(project, quota.maxRuns(), quota.maxGpus(), quota.weight());
        }
    }

    QuotaResource(Quotas quotas, Projects projects) {
        this.quotas = quotas;
        this.projects = projects;
    }

    @GET
    @Operation(summary = "The quotas that were set")
    public Map<String, List<ProjectQuota>> list() {
        return Map.of(
                "items",
                quotas.all().entrySet().stream()
                        .map(quota -> ProjectQuota.of(quota.getKey(), quota.getValue()))
                        .toList());
    }

    @GET
    @Path("/{project}")
    @Operation(summary = "A project's quota; of one of which nothing was said: no limits, weight 1")
    public ProjectQuota get(@PathParam("project") @Schema(pattern = ProjectName.PATTERN) String project) {
        String name = projects.currentName(named(project));
        return ProjectQuota.of(name, quotas.of(name));
    }

    private static String named(String project) {
        try {
            return ProjectName.require(project);
        } catch (IllegalArgumentException e) {
            throw new ServiceException(ErrorCode.INVALID_REQUEST, e.getMessage(), e);
        }
    }

    @PUT
    @Path("/{project}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Say what a project may have at the same time", description = """
            `maxRuns` bounds its runs that have a trainer, `maxGpus` the GPUs of all of them; without a number there is \
            no limit. Where several projects wait, each gets trainers by its `weight`. What runs already goes on.""")
    public ProjectQuota put(
            @PathParam("project") @Schema(pattern = ProjectName.PATTERN) String project,
            @HeaderParam("X-Loupe-Actor") @DefaultValue("local") String actor,
            @RequestBody(
                            content =
                                    @Content(
                                            examples =
                                                    @ExampleObject("{\"maxRuns\": 2, \"maxGpus\": 4, \"weight\": 2}")))
                    NewQuota body) {
        named(project);
        Fields.requirePresent("body", body);
        Quota quota;
        try {
            quota = new Quota(body.maxRuns(), body.maxGpus(), body.weight() == null ? 1 : body.weight());
        } catch (IllegalArgumentException e) {
            throw new ServiceException(ErrorCode.INVALID_REQUEST, e.getMessage(), e);
        }
        String name = projects.currentName(project);
        quotas.set(name, quota, actor);
        return ProjectQuota.of(name, quota);
    }
}
