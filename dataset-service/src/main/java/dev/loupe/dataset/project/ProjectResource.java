package dev.loupe.dataset.project;

import dev.loupe.contracts.ProjectName;
import dev.loupe.contracts.Task;
import dev.loupe.events.v1.ProjectChanged;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.database.Ids;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.idempotency.Idempotency;
import dev.loupe.service.outbox.Outbox;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
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
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Projects over HTTP. */
@Path("/api/v1/projects")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Projects")
public class ProjectResource {
    private static final int MAX_ITEM_KIND = 200;
    private static final int MAX_DISPLAY_NAME = 100;

    private final Projects projects;
    private final ProjectCards cards;
    private final Idempotency idempotency;
    private final Audit audit;
    private final Outbox outbox;

    public record NewProject(
            @Schema(required = true, pattern = ProjectName.PATTERN)
            String name,

            @Schema(required = true) Task task,
            @Schema(maxLength = MAX_DISPLAY_NAME) String displayName,
            @Schema(maxLength = MAX_ITEM_KIND) String itemKind) {
        public NewProject {
            ProjectName.require(name);
            Fields.requirePresent("task", task);
            Fields.atMost("displayName", displayName, MAX_DISPLAY_NAME);
            Fields.atMost("itemKind", itemKind, MAX_ITEM_KIND);
        }
    }

    /** A request to change a project. Absent fields stay unchanged; an empty text removes the value. */
    public record ProjectChange(
            @Schema(pattern = ProjectName.PATTERN) String name,
            @Schema(maxLength = MAX_DISPLAY_NAME) String displayName,
            @Schema(maxLength = MAX_ITEM_KIND) String itemKind,

            @Schema(description = "whether the project takes no uploads and no new dataset versions")
            Boolean archived) {
        public ProjectChange {
            if (name != null) {
                ProjectName.require(name);
            }
            Fields.atMost("displayName", displayName, MAX_DISPLAY_NAME);
            Fields.atMost("itemKind", itemKind, MAX_ITEM_KIND);
        }
    }

    /** A page of projects, for the OpenAPI document. */
    record ProjectPage(List<ProjectCards.Card> items, String nextCursor) {}

    ProjectResource(Projects projects, ProjectCards cards, Idempotency idempotency, Audit audit, Outbox outbox) {
        this.projects = projects;
        this.cards = cards;
        this.idempotency = idempotency;
        this.audit = audit;
        this.outbox = outbox;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "createProject", summary = "Make a project", description = """
            `CLASSIFICATION`: which of the project's classes does an image show? Its classes are the labels of its \
            images. `ANOMALY_DETECTION`: is this item like the normal ones, and where is it not? It has no classes: \
            an image is `normal` or `abnormal`, and a project is about one kind of item, seen in one way: two \
            products, or the front and the back of one, are two projects, or `product`s of one. In a tenant, the name \
            begins with the tenant and a dot: `acme.steel-strip`.""")
    @APIResponse(responseCode = "201", content = @Content(schema = @Schema(implementation = Project.class)))
    public Response create(
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @RequestBody(
                            content =
                                    @Content(
                                            examples = {
                                                @ExampleObject(name = "classification", value = """
                                                        {"name": "steel-strip", "task": "CLASSIFICATION"}"""),
                                                @ExampleObject(name = "anomaly detection", value = """
                                                        {"name": "solar-cell", "task": "ANOMALY_DETECTION",
                                                         "itemKind": "one solar cell, from above"}""")
                                            }))
                    NewProject body) {
        Fields.requirePresent("body", body);
        return idempotency.once("POST /projects", key, body.toString(), () -> {
            Project project = projects.insert(
                    new Project(Ids.next(), body.name(), body.displayName(), body.task(), body.itemKind(), null, null));
            audit.record(Change.of(project.id(), actor, "project.create", project.name())
                    .detail(project.task().name()));
            return Response.created(URI.create("/api/v1/projects/" + project.name()))
                    .entity(project)
                    .build();
        });
    }

    @GET
    @Operation(operationId = "listProjects", summary = "List projects, by name", description = """
            Each with its numbers of images, its newest image and its last dataset version.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = ProjectPage.class)))
    public Response list(
            @QueryParam("archived")
                    @Parameter(description = "`true`: only archived projects, `false`: only the others; default: all")
                    Boolean archived,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        PageRequest page = PageRequest.of(limit, cursor);
        Page<Project> found = Page.of(projects.list(page, archived), page, Project::name);
        return Pages.response(new Page<>(cards.of(found.items()), found.nextCursor()), uri);
    }

    @GET
    @Path("/{project}")
    @Operation(operationId = "getProject", summary = "A project, and how many images it has of each label and split")
    public ProjectCards.Details get(@PathParam("project") String idOrName) {
        return cards.details(projects.require(idOrName));
    }

    @PATCH
    @Path("/{project}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "updateProject",
            summary = "Rename, retitle or archive a project, or change what its images show",
            description = """
            The name that it had goes on leading to it, in REST and for predictions, and no other project gets it: \
            clients keep working. Models and runs get the new name within seconds. `displayName` is a title for people only. An \
            archived project keeps everything, but takes no uploads and no new dataset versions (409 \
            `PROJECT_ARCHIVED`); `"archived": false` makes it active again.""")
    @Transactional
    public Project change(
            @PathParam("project") String idOrName,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @RequestBody(content = @Content(examples = @ExampleObject("{\"name\": \"steel-strip-2\"}")))
                    ProjectChange body) {
        Fields.requirePresent("body", body);
        Project project = projects.require(idOrName);
        projects.lock(project);
        if (body.displayName() != null) {
            projects.setDisplayName(project, body.displayName());
        }
        if (body.archived() != null && body.archived() != (project.archivedAt() != null)) {
            announce(projects.archive(project, body.archived()));
            audit.record(Change.of(
                    project.id(), actor, body.archived() ? "project.archive" : "project.unarchive", project.name()));
        }
        if (body.itemKind() != null) {
            projects.setItemKind(project, body.itemKind());
        }
        if (body.name() != null && !body.name().equals(project.name())) {
            announce(projects.rename(project, body.name()));
            audit.record(Change.of(project.id(), actor, "project.rename", project.name())
                    .values(project.name(), body.name()));
        }
        Project changed = projects.require(project.id().toString());
        Texts before = Texts.of(project);
        Texts after = Texts.of(changed);
        if (!before.equals(after)) {
            audit.record(Change.of(project.id(), actor, "project.change", project.name())
                    .values(before, after));
        }
        return changed;
    }

    /** What the audit log keeps of the texts for people; null: there is none. */
    private record Texts(String displayName, String itemKind) {
        static Texts of(Project project) {
            return new Texts(project.displayName(), project.itemKind());
        }
    }

    /** What the audit log keeps of a project that is deleted. */
    private record Deleted(UUID id, Task task) {}

    @DELETE
    @Path("/{project}")
    @Operation(
            operationId = "deleteProject",
            summary = "Delete a project and all that belongs to it",
            description = """
            Its images, dataset versions, runs, models and aliases are removed; runs that go on are cancelled, and \
            predictions of its models end. `confirm` repeats the project's name. The name is free afterwards.""")
    @APIResponse(responseCode = "204", description = "deleted; the other services follow within seconds")
    @Transactional
    public void delete(
            @PathParam("project") String idOrName,
            @QueryParam("confirm") @Parameter(description = "the project's name", required = true) String confirm,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor) {
        Project project = projects.require(idOrName);
        if (!project.name().equals(confirm)) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "confirm: expected the project's name '" + project.name() + "', got "
                            + (confirm == null ? "nothing" : "another value"));
        }
        audit.record(Change.of(project.id(), actor, "project.delete", project.name())
                .values(new Deleted(project.id(), project.task()), null));
        announce(projects.delete(project));
    }

    @GET
    @Path("/{project}/deletion-preview")
    @Operation(
            operationId = "previewProjectDeletion",
            summary = "What a deletion of the project takes along",
            description =
                    "Its runs, models and aliases in the other services are removed too, and are not counted here.")
    public ProjectCards.Preview preview(@PathParam("project") String idOrName) {
        return cards.preview(projects.require(idOrName));
    }

    private void announce(ProjectChanged event) {
        outbox.add("loupe.datasets", event.getProjectId(), "dev.loupe.project-changed.v1", event.toByteArray());
    }
}
