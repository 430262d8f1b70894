package dev.loupe.dataset.member;

import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.service.access.Member;
import dev.loupe.service.access.MemberDirectory;
import dev.loupe.service.access.MemberKind;
import dev.loupe.service.access.Role;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.Fields;
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
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The members of projects over HTTP. Names may have slashes, so that they are in no path. */
@Path("/api/v1/projects/{project}/members")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Access")
public class MemberResource {
    private final Projects projects;
    private final Members members;
    private final MemberDirectory directory;

    /** A member in requests and responses. */
    @Schema(
            name = "Member",
            requiredProperties = {"kind", "name", "role"})
    record MemberView(
            MemberKind kind,

            @Schema(
                    description =
                            "name of the person or the group, as the claims of the OpenID Connect provider have it")
            String name,

            Role role) {
        static MemberView of(Member member) {
            return new MemberView(member.kind(), member.name(), member.role());
        }

        Member member() {
            return new Member(kind, name, role);
        }
    }

    /** The schema of the members of a project. */
    @Schema(name = "MemberList")
    record MemberList(@Schema(required = true) List<MemberView> items) {}

    MemberResource(Projects projects, Members members, MemberDirectory directory) {
        this.projects = projects;
        this.members = members;
        this.directory = directory;
    }

    @GET
    @Operation(operationId = "listMembers", summary = "List the members of a project", description = """
            Persons and groups of the OpenID Connect provider with a role in this project: groups first, by name; at most \
            1000. Those with a role in all projects are not among them.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = MemberList.class)))
    @APIResponse(responseCode = "404", description = "PROJECT_NOT_FOUND")
    public MemberList listMembers(@PathParam("project") String project) {
        return new MemberList(members.list(projects.require(project)).stream()
                .map(MemberView::of)
                .toList());
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "setMember", summary = "Give a person or a group a role in a project", description = """
            Replaces the role that the member has. A person has the highest of their own role, those of their groups, and \
            their role in all projects. The other services know it within seconds. A project that has an administrator \
            among its members keeps one, unless an administrator of all projects takes the last one the role.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = MemberView.class)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST")
    @APIResponse(responseCode = "404", description = "PROJECT_NOT_FOUND")
    @APIResponse(responseCode = "409", description = "TOO_MANY_MEMBERS, LAST_PROJECT_ADMIN")
    public MemberView setMember(
            @PathParam("project") String project,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @RequestBody(content = @Content(examples = @ExampleObject("""
                                                    {"kind": "GROUP", "name": "line-2", "role": "LABELLER"}"""))) MemberView body) {
        Fields.requirePresent("body", body);
        members.set(projects.require(project), body.member(), actor);
        directory.refresh();
        return body;
    }

    @DELETE
    @Operation(
            operationId = "removeMember",
            summary = "Take a person or a group its role in a project",
            description = """
            What the person may do by a group or in all projects remains. The other services know it within seconds.""")
    @APIResponse(responseCode = "204", description = "It is removed")
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST")
    @APIResponse(responseCode = "404", description = "PROJECT_NOT_FOUND, MEMBER_NOT_FOUND")
    @APIResponse(responseCode = "409", description = "LAST_PROJECT_ADMIN")
    public void removeMember(
            @PathParam("project") String project,
            @QueryParam("kind") @Parameter(required = true, schema = @Schema(implementation = MemberKind.class))
                    String kind,
            @QueryParam("name") @Parameter(required = true) String name,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor) {
        MemberKind requested = Fields.oneOf("kind", MemberKind.class, Fields.requirePresent("kind", kind));
        Project found = projects.require(project);
        members.remove(found, requested, Fields.requirePresent("name", name), actor);
        directory.refresh();
    }
}
