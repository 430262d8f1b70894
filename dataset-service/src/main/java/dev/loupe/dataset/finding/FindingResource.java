package dev.loupe.dataset.finding;

import dev.loupe.dataset.finding.Findings.Filter;
import dev.loupe.dataset.finding.Findings.KindCount;
import dev.loupe.dataset.finding.Findings.Positioned;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.dataset.quality.FindingKind;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.Fields;
import dev.loupe.service.idempotency.Idempotency;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
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
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Findings about the images of a project over HTTP. */
@Path("/api/v1/projects")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Findings")
public class FindingResource {
    private static final int MAX_REASON = 1000;

    private final Projects projects;
    private final FindingSearch search;
    private final Findings findings;
    private final Idempotency idempotency;
    private final Audit audit;

    /** Why a finding is accepted, dismissed or open again. */
    @Schema(name = "FindingDecision")
    public record Decision(@Schema(maxLength = MAX_REASON) String reason) {
        public Decision {
            Fields.atMost("reason", reason, MAX_REASON);
        }
    }

    /**
     * A page of findings.
     *
     * @param nextCursor cursor of the next page, absent on the last page
     * @param total number of findings of all pages
     * @param counts numbers of all findings of the project, by kind
     * @param unmeasured number of images that are not measured yet: kinds that compare images do not know them
     */
    record FindingPage(List<Finding> items, String nextCursor, int total, List<KindCount> counts, int unmeasured) {}

    FindingResource(Projects projects, FindingSearch search, Findings findings, Idempotency idempotency, Audit audit) {
        this.projects = projects;
        this.search = search;
        this.findings = findings;
        this.idempotency = idempotency;
        this.audit = audit;
    }

    @GET
    @Path("/{project}/findings")
    @Operation(operationId = "listFindings", summary = "List findings about the images", description = """
            The most severe first. The project is searched if its images were changed since the last search. Each \
            finding shows its first images; a finding that is about a label has none. `counts` counts the findings of \
            all kinds and states, `total` those of all pages.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = FindingPage.class)))
    public Response list(
            @PathParam("project") String idOrName,
            @QueryParam("kind")
                    @Parameter(
                            description = "one of these kinds",
                            schema = @Schema(type = SchemaType.ARRAY, implementation = FindingKind.class))
                    List<String> kinds,
            @QueryParam("state")
                    @Parameter(
                            description = "one of these states",
                            schema = @Schema(type = SchemaType.ARRAY, implementation = FindingState.class))
                    List<String> states,
            @QueryParam("limit") @Parameter(description = "findings of a page, 1 to 1000; default 50") Integer limit,
            @QueryParam("cursor") @Parameter(description = "`nextCursor` of an earlier page") String cursor,
            @Context UriInfo uri) {
        Project project = projects.require(idOrName);
        PageRequest request = PageRequest.of(limit, cursor);
        Filter filter = new Filter(
                kinds.stream()
                        .map(kind -> Fields.oneOf("kind", FindingKind.class, kind))
                        .toList(),
                states.stream()
                        .map(state -> Fields.oneOf("state", FindingState.class, state))
                        .toList());
        search.search(project);
        Page<Positioned> page = Page.of(findings.list(project, filter, request), request, Positioned::cursor);
        FindingPage result = new FindingPage(
                page.items().stream().map(Positioned::finding).toList(),
                page.nextCursor(),
                findings.count(project, filter),
                findings.counts(project),
                findings.unmeasured(project));
        return Response.fromResponse(Pages.response(page, uri)).entity(result).build();
    }

    @GET
    @Path("/{project}/findings/{finding}")
    @Operation(operationId = "getFinding", summary = "A finding with its images", description = """
            Up to 1,000 images; `imageCount` counts all. A finding that the last search did not find again, because the \
            images were changed, is not there.""")
    public Finding get(@PathParam("project") String idOrName, @PathParam("finding") String id) {
        return findings.require(projects.require(idOrName), id);
    }

    @POST
    @Path("/{project}/findings/{finding}/dismiss")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "dismissFinding",
            summary = "Decide that a finding is no problem",
            description = "It stays dismissed when it is found again; a freeze does not warn of it.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Finding.class)))
    @APIResponse(responseCode = "404", description = "PROJECT_NOT_FOUND, FINDING_NOT_FOUND")
    public Response dismiss(
            @PathParam("project") String idOrName,
            @PathParam("finding") String id,
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @RequestBody(content = @Content(examples = @ExampleObject("{\"reason\": \"two parts of one batch\"}")))
                    Decision decision) {
        return decide(projects.require(idOrName), id, FindingState.DISMISSED, key, actor, decision);
    }

    @POST
    @Path("/{project}/findings/{finding}/accept")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "acceptFinding",
            summary = "Decide that a finding is a known problem",
            description = "It is there until the images are changed; a freeze does not warn of it.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Finding.class)))
    @APIResponse(responseCode = "404", description = "PROJECT_NOT_FOUND, FINDING_NOT_FOUND")
    public Response accept(
            @PathParam("project") String idOrName,
            @PathParam("finding") String id,
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @RequestBody(content = @Content(examples = @ExampleObject("{\"reason\": \"the old lamp\"}")))
                    Decision decision) {
        return decide(projects.require(idOrName), id, FindingState.ACCEPTED, key, actor, decision);
    }

    @POST
    @Path("/{project}/findings/{finding}/reopen")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "reopenFinding", summary = "Withdraw the decision on a finding")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Finding.class)))
    @APIResponse(responseCode = "404", description = "PROJECT_NOT_FOUND, FINDING_NOT_FOUND")
    public Response reopen(
            @PathParam("project") String idOrName,
            @PathParam("finding") String id,
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @RequestBody(content = @Content(examples = @ExampleObject("{\"reason\": \"they are copies\"}")))
                    Decision decision) {
        return decide(projects.require(idOrName), id, FindingState.OPEN, key, actor, decision);
    }

    private Response decide(
            Project project, String id, FindingState state, String key, String actor, Decision decision) {
        String reason = decision == null ? null : decision.reason();
        String action =
                switch (state) {
                    case OPEN -> "finding.reopen";
                    case ACCEPTED -> "finding.accept";
                    case DISMISSED -> "finding.dismiss";
                };
        String scope = "POST /projects/" + project.id() + "/findings/" + id + "/" + action;
        return idempotency.once(scope, key, String.valueOf(reason), () -> {
            Finding finding = findings.decide(project, id, state, actor, reason);
            audit.record(Change.of(project.id(), actor, action, project.name() + "/" + id)
                    .detail(finding.message() + (reason == null ? "" : "; reason: " + reason)));
            return Response.ok(finding).build();
        });
    }
}
