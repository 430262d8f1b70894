package dev.loupe.dataset.version;

import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.Fields;
import dev.loupe.service.idempotency.Idempotency;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import dev.loupe.service.storage.ObjectBody;
import dev.loupe.storage.ObjectStore;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
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
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Dataset versions over HTTP. */
@Path("/api/v1/projects")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Dataset versions")
public class VersionResource {
    private static final int MAX_NOTE = 1000;

    private final Projects projects;
    private final DatasetVersions versions;
    private final Freezer freezer;
    private final ObjectStore store;
    private final Idempotency idempotency;
    private final Audit audit;

    public record Freeze(
            Long seed, @Schema(maxLength = MAX_NOTE) String note) {
        public Freeze {
            Fields.atMost("note", note, MAX_NOTE);
        }
    }

    VersionResource(
            Projects projects,
            DatasetVersions versions,
            Freezer freezer,
            ObjectStore store,
            Idempotency idempotency,
            Audit audit) {
        this.projects = projects;
        this.versions = versions;
        this.freezer = freezer;
        this.store = store;
        this.idempotency = idempotency;
        this.audit = audit;
    }

    @POST
    @Path("/{project}/versions")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "freezeDataset", summary = "Freeze the project as it is now", description = """
            Makes an immutable dataset version of all images that have a label. Images without a split get one here: \
            for each label the seed puts them in an order, and of this order the first 15 % are TEST, the next 15 % \
            DEV, the others TRAIN. A split that an image was given is kept; where a label has TRAIN images but none \
            in DEV, DEV is carved out of them (15 % of a class; 10 % of the normal images). In an anomaly detection \
            project TRAIN has normal images only, and abnormal ones without a split go half to DEV and half to TEST. \
            The same images and the same seed give the same splits. Warnings stop nothing.""")
    @APIResponse(
            responseCode = "201",
            description = "the new version",
            content =
                    @Content(
                            schema = @Schema(implementation = DatasetVersion.class),
                            examples = @ExampleObject(value = """
                            {"id": "01994c1e-7a40-7000-8000-000000000001", "number": 1, "digest": "9f86d081884c…",
                             "testDigest": "60303ae22b99…", "manifestSize": 221900, "seed": 0,
                             "classes": ["normal", "abnormal"],
                             "counts": {"TRAIN": {"normal": 371}, "DEV": {"normal": 41},
                                        "TEST": {"abnormal": 313, "normal": 176}},
                             "warnings": [{"code": "MORE_NORMAL_THAN_HELP", "message": "371 normal images…"}],
                             "createdAt": "2026-11-20T12:00:00Z"}""")))
    public Response freeze(
            @PathParam("project") String idOrName,
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @RequestBody(
                            content =
                                    @Content(
                                            examples =
                                                    @ExampleObject("{\"seed\": 0, \"note\": \"before the new lamp\"}")))
                    Freeze body) {
        Project project = projects.requireActive(idOrName);
        Freeze freeze = body == null ? new Freeze(null, null) : body;
        long seed = freeze.seed() == null ? 0 : freeze.seed();
        String scope = "POST /projects/" + project.id() + "/versions";
        return freezer.withSlot(
                () -> idempotency.once(scope, key, freeze.toString(), () -> freezer.prepare(project), _ -> {
                    DatasetVersion version = freezer.freeze(project, seed, freeze.note());
                    audit.record(
                            Change.of(project.id(), actor, "version.freeze", project.name() + "/" + version.number())
                                    .detail(version.digest()));
                    return Response.created(
                                    URI.create("/api/v1/projects/" + project.name() + "/versions/" + version.number()))
                            .entity(version)
                            .build();
                }));
    }

    @GET
    @Path("/{project}/versions")
    @Operation(operationId = "listDatasetVersions", summary = "List dataset versions, by number")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = VersionPage.class)))
    public Response list(
            @PathParam("project") String idOrName,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        Project project = projects.require(idOrName);
        PageRequest page = PageRequest.of(limit, cursor);
        return Pages.response(
                Page.of(versions.list(project, page), page, version -> String.valueOf(version.number())), uri);
    }

    @GET
    @Path("/{project}/versions/{number}")
    @Operation(operationId = "getDatasetVersion", summary = "A dataset version")
    public DatasetVersion get(@PathParam("project") String idOrName, @PathParam("number") int number) {
        return versions.require(projects.require(idOrName), number);
    }

    @GET
    @Path("/{project}/versions/{number}/manifest")
    @Operation(
            operationId = "getDatasetManifest",
            summary = "The manifest of a dataset version: every image with its label and split",
            description = "The sha256 of these bytes is the version's digest.")
    public Response manifest(@PathParam("project") String idOrName, @PathParam("number") int number) {
        Project project = projects.require(idOrName);
        DatasetVersion version = versions.require(project, number);
        return Response.ok(ObjectBody.verified(store, freezer.location(project, number), version.digest()))
                .type(MediaType.APPLICATION_JSON)
                .tag(version.digest())
                .build();
    }

    /** A page of versions, for the OpenAPI document. */
    record VersionPage(List<DatasetVersion> items, String nextCursor) {}
}
