package dev.loupe.service.access;

import dev.loupe.service.access.Caller.Kind;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * An API token as services know it: never the token itself.
 *
 * @param name unique; part of the name of the caller. A token of a tenant has the tenant before its name: {@code
 *     acme/camera-1}
 * @param sha256 of the token, lower-case hexadecimal
 * @param projectId the only project that it is for; null: all of the tenant {@code default}, and what belongs to none;
 *     {@link Tenant#allProjects}: all of its tenant
 * @param createdBy who created it
 * @param expiresAt null: never
 * @param revokedAt null: it is not revoked
 * @param revision increases by one with every change
 */
public record ApiToken(
        UUID id,
        String name,
        String sha256,
        Role role,
        UUID projectId,
        String createdBy,
        Instant createdAt,
        Instant expiresAt,
        Instant revokedAt,
        long revision) {

    boolean isValid(Instant now) {
        return revokedAt == null && (expiresAt == null || now.isBefore(expiresAt));
    }

    /** The tenant whose projects it is for. */
    public String tenant() {
        return Tenant.ofToken(name);
    }

    /** The only project that it is for; null: all of its tenant. */
    public UUID onlyProject() {
        return Objects.equals(projectId, Tenant.allProjects(tenant())) ? null : projectId;
    }

    Caller caller() {
        String caller = "token:" + name;
        return onlyProject() == null
                ? new Caller(caller, Kind.TOKEN, tenant(), role, Map.of(), createdBy)
                : new Caller(caller, Kind.TOKEN, tenant(), null, Map.of(projectId, role), createdBy);
    }
}
