package dev.loupe.dataset.token;

import dev.loupe.events.v1.ApiTokenChanged;
import dev.loupe.service.access.ApiToken;
import dev.loupe.service.access.CurrentCaller;
import dev.loupe.service.access.Role;
import dev.loupe.service.access.Tenant;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.outbox.Outbox;
import dev.loupe.service.paging.PageRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/** The API tokens in the database. Events tell the other services of each change. */
@ApplicationScoped
public class Tokens {
    private static final RowMapper<ApiToken> TOKEN = ConstructorMapper.of(ApiToken.class);

    /** What the audit log keeps of a token: nothing that it could be guessed by. */
    private record TokenValues(UUID id, Role role, UUID projectId, Instant expiresAt) {
        static TokenValues of(ApiToken token) {
            return new TokenValues(token.id(), token.role(), token.onlyProject(), token.expiresAt());
        }
    }

    private final Jdbi jdbi;
    private final Outbox outbox;
    private final Audit audit;
    private final CurrentCaller caller;

    Tokens(Jdbi jdbi, Outbox outbox, Audit audit, CurrentCaller caller) {
        this.caller = caller;
        this.jdbi = jdbi;
        this.outbox = outbox;
        this.audit = audit;
    }

    /**
     * Returns the token with this id, or the one of the caller's tenant with this name that is not revoked.
     *
     * @throws ServiceException {@code TOKEN_NOT_FOUND} if there is none
     */
    public ApiToken require(String idOrName) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from api_token where id::text = :id or name = :name and revoked_at is null
                        order by (id::text = :id) desc, revoked_at nulls first limit 1""")
                        .bind("id", idOrName)
                        .bind("name", Tenant.beforeTokens(caller.get().tenant()) + idOrName)
                        .map(TOKEN)
                        .findOne())
                .orElseThrow(() -> notFound(idOrName));
    }

    /** The error for a token that does not exist. */
    public static ServiceException notFound(String idOrName) {
        return new ServiceException(ErrorCode.TOKEN_NOT_FOUND, "there is no API token " + QuotedInput.of(idOrName));
    }

    /** @throws ServiceException {@code TOKEN_EXISTS} if one that is not revoked has the name */
    @Transactional
    ApiToken insert(ApiToken token) {
        ApiToken inserted = jdbi.withHandle(handle -> handle.createQuery("""
                        insert into api_token (id, name, sha256, role, project_id, created_by, created_at, expires_at,
                            revision)
                        values (:id, :name, :sha256, :role, :projectId, :createdBy, now(), :expiresAt, 1)
                        on conflict (name) where revoked_at is null do nothing returning *""")
                        .bindMethods(token)
                        .bind("role", token.role().name())
                        .map(TOKEN)
                        .findOne())
                .orElseThrow(
                        () -> new ServiceException(ErrorCode.TOKEN_EXISTS, "API token '" + token.name() + "' exists"));
        announce(inserted);
        audit.record(Change.of(token.onlyProject(), token.createdBy(), "token.create", token.name())
                .values(null, TokenValues.of(inserted)));
        return inserted;
    }

    /** Revokes the token. Nothing changes if it is revoked already. */
    @Transactional
    void revoke(ApiToken token, String actor) {
        Optional<ApiToken> revoked = jdbi.withHandle(handle ->
                handle.createQuery("""
                        update api_token set revoked_at = now(), revision = revision + 1
                        where id = :id and revoked_at is null returning *""").bind("id", token.id()).map(TOKEN).findOne());
        revoked.ifPresent(one -> {
            announce(one);
            audit.record(Change.of(one.onlyProject(), actor, "token.revoke", one.name())
                    .values(TokenValues.of(one), null));
        });
    }

    /**
     * Lists tokens of a tenant, newest first; revoked and expired ones too.
     *
     * @param project only those of this project; null: all of the tenant
     */
    List<ApiToken> list(String tenant, UUID project, UUID before, PageRequest page) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from api_token
                        where %s = :tenant
                          and (:project::uuid is null or project_id = :project)
                          and (:before::uuid is null or id < :before)
                        order by id desc limit :limit""".formatted(Tenant.ofTokenSql("name")))
                .bind("tenant", tenant)
                .bind("project", project)
                .bind("before", before)
                .bind("limit", page.limit() + 1)
                .map(TOKEN)
                .list());
    }

    private void announce(ApiToken token) {
        ApiTokenChanged event = ApiTokenChanged.newBuilder()
                .setId(token.id().toString())
                .setName(token.name())
                .setSha256(token.sha256())
                .setRole(token.role().name())
                .setProjectId(token.projectId() == null ? "" : token.projectId().toString())
                .setCreatedBy(token.createdBy())
                .setCreatedAt(token.createdAt().toEpochMilli())
                .setExpiresAt(millis(token.expiresAt()))
                .setRevokedAt(millis(token.revokedAt()))
                .setRevision(token.revision())
                .build();
        outbox.add("loupe.datasets", event.getId(), "dev.loupe.api-token-changed.v1", event.toByteArray());
    }

    private static long millis(Instant time) {
        return time == null ? 0 : time.toEpochMilli();
    }
}
