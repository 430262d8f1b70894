package dev.loupe.service.audit.log;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.service.access.Caller;
import dev.loupe.service.access.Caller.Kind;
import dev.loupe.service.access.CurrentCaller;
import dev.loupe.service.access.ProjectLookup;
import dev.loupe.service.access.Role;
import dev.loupe.service.audit.log.AuditVerification.Head;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/**
 * The audit log of this service over HTTP. The name of the service is in the path, because the services are behind one
 * address.
 */
@Path("/api/v1/audit/{service}")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Audit", description = "Who changed what.")
public class AuditResource {
    private static final String SERVICE = "service";
    private static final String JSON_LINES = "application/jsonl";
    private static final int EXPORT_PAGE = 1_000;
    private static final Pattern UUID_PATTERN = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    private static final Pattern HEAD = Pattern.compile("(?<serial>[0-9]{1,18}):(?<hash>[0-9a-f]{64})");

    private final AuditLog log;
    private final AuditVerifier verifier;
    private final CurrentCaller caller;
    private final ProjectLookup lookup;
    private final ObjectMapper json;
    private final String service;

    /** A line of the export. Its form is documented. */
    @JsonPropertyOrder("service")
    public record Line(String service, @JsonUnwrapped AuditEntry entry) {}

    /** The schema of a page of the audit log. */
    @Schema(name = "AuditPage")
    record AuditPage(@Schema(required = true) List<AuditEntry> items, String nextCursor) {}

    AuditResource(
            AuditLog log,
            AuditVerifier verifier,
            CurrentCaller caller,
            ProjectLookup lookup,
            ObjectMapper json,
            @ConfigProperty(name = "quarkus.application.name") String service) {
        this.log = log;
        this.verifier = verifier;
        this.caller = caller;
        this.lookup = lookup;
        this.json = json;
        this.service = service;
    }

    @GET
    @Operation(operationId = "listAudit", summary = "List changes, the newest first", description = """
            The audit log of this service. An administrator of projects sees the changes in these projects; one of all \
            projects of the tenant `default` sees all changes.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = AuditPage.class)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST, INVALID_CURSOR")
    @APIResponse(responseCode = "404", description = "the project does not exist, or this service does not know it")
    public Response listAudit(
            @PathParam(SERVICE) @Parameter(description = "name of this service") String name,
            @BeanParam AuditQuery query,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        requireThis(name);
        PageRequest page = PageRequest.of(limit, cursor);
        List<AuditEntry> rows = log.newestBefore(position(page), query.in(projects(query.project())), page.limit() + 1);
        return Pages.response(Page.of(rows, page, entry -> Long.toString(entry.serial())), uri);
    }

    @GET
    @Path("/export")
    @Produces(JSON_LINES)
    @Operation(
            operationId = "exportAudit",
            summary = "Export changes as JSON lines, the oldest first",
            description = """
            One entry in each line, with the name of this service and the hashes; all that a list with the same filters \
            has.""")
    @APIResponse(
            responseCode = "200",
            description = "each line is an AuditEntry, with the `service` that it is of before its fields",
            content = @Content(mediaType = JSON_LINES, schema = @Schema(type = SchemaType.STRING)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST")
    public StreamingOutput exportAudit(
            @PathParam(SERVICE) @Parameter(description = "name of this service") String name,
            @BeanParam AuditQuery query) {
        requireThis(name);
        AuditFilter filter = query.in(projects(query.project()));
        return out -> write(filter, out);
    }

    @GET
    @Path("/verification")
    @Operation(operationId = "verifyAudit", summary = "Verify the audit log", description = """
            Computes the hash of each entry, and names those that were changed, removed, inserted or moved. A cut end shows \
            only by a head that an earlier verification has found.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = AuditVerification.class)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST")
    public AuditVerification verifyAudit(
            @PathParam(SERVICE) @Parameter(description = "name of this service") String name,
            @QueryParam("expectHead")
                    @Parameter(description = "head that the log had before, `SERIAL:HASH`; it must still be in the log")
                    String expectHead) {
        requireThis(name);
        return verifier.verify(head(expectHead));
    }

    private void requireThis(String name) {
        if (!service.equals(name)) {
            throw new ServiceException(
                    ErrorCode.AUDIT_NOT_FOUND,
                    "there is no audit log of " + QuotedInput.of(name) + " here: expected '" + service + "'");
        }
    }

    private UUID[] projects(String only) {
        Set<UUID> visible = visible();
        if (only == null) {
            return visible == null ? null : visible.toArray(UUID[]::new);
        }
        // By its id, a project that was deleted still has its log. The access rules let only administrators get so far;
        // this does not rely on them alone.
        Optional<UUID> asked = UUID_PATTERN.matcher(only).matches()
                ? Optional.of(UUID.fromString(only))
                : Optional.of(lookup.ownerOf("project", only).project());
        return asked.filter(id -> visible == null || visible.contains(id)).stream()
                .toArray(UUID[]::new);
    }

    /** The projects whose changes the caller may see; null: all, and what belongs to none. */
    private Set<UUID> visible() {
        Caller who = caller.get();
        if (who.isOperator()) {
            return null;
        }
        if (who.kind() == Kind.TOKEN && who.everywhere() == null) {
            // A token is for a project of its own tenant; the project may be deleted meanwhile.
            return who.projects().keySet().stream()
                    .filter(project -> who.projects().get(project) == Role.ADMIN)
                    .collect(Collectors.toSet());
        }
        return lookup.projectsOf(who.tenant()).stream()
                .filter(project ->
                        who.roleIn(project).filter(Role.ADMIN::equals).isPresent())
                .collect(Collectors.toSet());
    }

    private static long position(PageRequest page) {
        try {
            return page.after().isEmpty() ? Long.MAX_VALUE : Long.parseLong(page.after());
        } catch (NumberFormatException e) {
            throw new ServiceException(ErrorCode.INVALID_CURSOR, "cursor: not one that an earlier page gave", e);
        }
    }

    private static Head head(String text) {
        if (text == null) {
            return null;
        }
        Matcher parsed = HEAD.matcher(text);
        if (!parsed.matches()) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "expectHead: expected SERIAL:HASH of an earlier verification, got " + QuotedInput.of(text));
        }
        return new Head(Long.parseLong(parsed.group("serial")), parsed.group("hash"));
    }

    /** Pages, not one query: a slow client holds no connection of the database. */
    private void write(AuditFilter filter, OutputStream out) throws IOException {
        long last = 0;
        List<AuditEntry> page;
        do {
            page = log.oldestAfter(last, filter, EXPORT_PAGE);
            for (AuditEntry entry : page) {
                out.write(json.writeValueAsBytes(new Line(service, entry)));
                out.write('\n');
                last = entry.serial();
            }
        } while (page.size() == EXPORT_PAGE);
    }
}
