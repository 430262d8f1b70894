package dev.loupe.dataset.limit;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.dataset.limit.StorageLimits.Limits;
import dev.loupe.dataset.limit.StorageLimits.Usage;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
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

/** The limits of projects over HTTP. */
@Path("/api/v1/projects/{project}/limits")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Limits", description = "What projects and API tokens may use.")
public class LimitResource {
    private final Projects projects;
    private final StorageLimits storage;
    private final RequestLimitChanges requests;
    private final LimitsConfig defaults;
    private final Audit audit;
    private final RequestLimitDirectory directory;

    /** The limits that are set for a project; null: the default of the configuration. */
    @Schema(name = "NewProjectLimits")
    record NewProjectLimits(
            @Schema(minimum = "0", description = "images of the project; absent: the default of the configuration")
            Long maxImages,

            @Schema(minimum = "0", description = "bytes of these images; absent: the default of the configuration")
            Long maxBytes,

            @Schema(description = "requests in a second to one replica; absent: the default of the configuration")
            Double requestsPerSecond) {
        NewProjectLimits {
            Fields.atLeast("maxImages", maxImages, 0);
            Fields.atLeast("maxBytes", maxBytes, 0);
            RequestLimit.requireRate(requestsPerSecond);
        }
    }

    /** The limits that count for a project, and what it uses of them. */
    @JsonInclude(Include.NON_NULL)
    @Schema(
            name = "ProjectLimits",
            requiredProperties = {"images", "bytes"})
    record ProjectLimits(
            @Schema(description = "absent: there is no limit")
            Long maxImages,

            @Schema(description = "absent: there is no limit")
            Long maxBytes,

            @Schema(description = "to one replica; absent: there is no limit")
            Double requestsPerSecond,

            @Schema(description = "number of the project's images, without deleted ones")
            long images,

            @Schema(description = "bytes of these images, as they were uploaded")
            long bytes) {}

    LimitResource(
            Projects projects,
            StorageLimits storage,
            RequestLimitChanges requests,
            LimitsConfig defaults,
            Audit audit,
            RequestLimitDirectory directory) {
        this.projects = projects;
        this.storage = storage;
        this.requests = requests;
        this.defaults = defaults;
        this.audit = audit;
        this.directory = directory;
    }

    @GET
    @Operation(
            operationId = "getProjectLimits",
            summary = "The limits of a project, and what it uses",
            description =
                    "Those that count: set for the project, or the defaults of the configuration. Runs and GPUs have"
                            + " quotas, at training-service.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = ProjectLimits.class)))
    @APIResponse(responseCode = "404", description = "PROJECT_NOT_FOUND")
    public ProjectLimits getProjectLimits(@PathParam("project") String project) {
        return limits(projects.require(project));
    }

    private ProjectLimits limits(Project project) {
        Limits limits = storage.effective(project.id());
        Usage usage = storage.usage(project.id());
        Double rate = requests.of(project.id());
        return new ProjectLimits(
                limits.maxImages(),
                limits.maxBytes(),
                rate == null ? defaults.project().requestsPerSecond().orElse(null) : rate,
                usage.images(),
                usage.bytes());
    }

    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "setProjectLimits", summary = "Set the limits of a project", description = """
            All of them: one that is absent becomes the default of the configuration. A project that has more than a new limit \
            keeps it, and takes no further images. The other services know a limit of requests within seconds.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = ProjectLimits.class)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST")
    @APIResponse(responseCode = "404", description = "PROJECT_NOT_FOUND")
    public ProjectLimits setProjectLimits(
            @PathParam("project") String idOrName,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @RequestBody(content = @Content(examples = @ExampleObject("""
                                                    {"maxImages": 100000, "maxBytes": 50000000000,
                                                     "requestsPerSecond": 50}"""))) NewProjectLimits body) {
        Fields.requirePresent("body", body);
        Project project = projects.require(idOrName);
        QuarkusTransaction.requiringNew().run(() -> {
            Limits before = storage.set(project.id());
            Double rate = requests.of(project.id());
            storage.replace(project.id(), new Limits(body.maxImages(), body.maxBytes()));
            requests.set(project.id(), LimitKind.PROJECT, body.requestsPerSecond());
            audit.record(Change.of(project.id(), actor, "limits.set", project.name())
                    .values(new NewProjectLimits(before.maxImages(), before.maxBytes(), rate), body));
        });
        directory.refresh();
        return limits(project);
    }
}
