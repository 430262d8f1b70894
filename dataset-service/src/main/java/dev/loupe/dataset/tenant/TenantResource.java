package dev.loupe.dataset.tenant;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.service.access.Tenant;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/** The tenants over HTTP, for who operates the installation. */
@Path("/api/v1/tenants")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Access")
public class TenantResource {
    private final Jdbi jdbi;

    /** What a tenant has, and may have. Public, because Jdbi constructs only public records. */
    @JsonInclude(Include.NON_NULL)
    @Schema(name = "Tenant")
    public record Usage(
            @Schema(required = true, description = "`default`: of projects and tokens without a tenant in their name")
            String name,

            @Schema(required = true, description = "number of its projects")
            int projects,

            @Schema(required = true, description = "number of their images, without deleted ones")
            long images,

            @Schema(required = true, description = "bytes of these images, as they were uploaded")
            long bytes,

            @Schema(required = true, description = "number of its API tokens that are neither expired nor revoked")
            int tokens,

            @Schema(description = "images that it may have; absent: there is no limit")
            Long maxImages,

            @Schema(description = "bytes that these may have; absent: there is no limit")
            Long maxBytes,

            @Schema(description = "requests of its callers in a second, to one replica; absent: there is no limit")
            Double requestsPerSecond) {}

    /** All tenants. */
    @Schema(name = "Tenants")
    record Tenants(@Schema(required = true) List<Usage> items) {}

    TenantResource(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    @GET
    @Operation(
            operationId = "listTenants",
            summary = "List tenants, by name, what each uses, and its limits",
            description = """
            Those that have a project, a valid API token or a limit. A tenant needs no setting up: it is there with the first \
            token or the first person of it.""")
    public Tenants list() {
        return new Tenants(jdbi.withHandle(
                handle -> handle.createQuery("""
                        with projects as (
                            select %s as tenant, id, images, bytes
                            from project cross join lateral (
                                select count(*) as images, coalesce(sum(size), 0) as bytes
                                from image where project_id = project.id) used),
                        tokens as (
                            select %s as tenant from api_token
                            where revoked_at is null and (expires_at is null or expires_at > now()))
                        select of.tenant as name, count(id)::int as projects, coalesce(sum(images), 0)::bigint as images,
                            coalesce(sum(bytes), 0)::bigint as bytes,
                            (select count(*)::int from tokens t where t.tenant = of.tenant) as tokens,
                            l.max_images, l.max_bytes, l.requests_per_second
                        from (select tenant, id, images, bytes from projects
                              union all select distinct tenant, null::uuid, 0, 0 from tokens
                              union all select tenant, null::uuid, 0, 0 from tenant_limit
                              where coalesce(max_images, max_bytes, requests_per_second) is not null) of
                        left join tenant_limit l on l.tenant = of.tenant
                        group by of.tenant, l.tenant order by of.tenant""".formatted(Tenant.ofProjectSql("name"), Tenant.ofTokenSql("name")))
                        .map(ConstructorMapper.of(Usage.class))
                        .list()));
    }
}
