package dev.loupe.service.access;

import dev.loupe.service.access.Caller.Kind;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/**
 * An API token as services know it: never the token itself.
 *
 * @param name unique; part of the name of the caller
 * @param sha256 of the token, lower-case hexadecimal
 * @param projectId the only project that it is for; null: all, and what belongs to none
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

    Caller caller() {
        return projectId == null
                ? new Caller("token:" + name, Kind.TOKEN, role, Map.of(), createdBy)
                : new Caller("token:" + name, Kind.TOKEN, null, Map.of(projectId, role), createdBy);
    }
}
