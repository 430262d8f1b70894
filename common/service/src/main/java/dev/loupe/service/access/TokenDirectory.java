package dev.loupe.service.access;

import dev.loupe.service.tenant.TenantFence;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/**
 * The API tokens that are valid, in memory: a request needs no database. They are those of the table {@code api_token},
 * which dataset-service changes and the other services learn from its events. Without the database, the tokens that were
 * known last are valid until they expire. Thread-safe.
 */
@ApplicationScoped
public class TokenDirectory {
    private static final Logger LOG = Logger.getLogger(TokenDirectory.class);

    private final Jdbi jdbi;
    private final TenantFence fence;
    private final AuthConfig auth;
    /** By SHA-256; null: not read yet. */
    private volatile Map<String, ApiToken> tokens;

    private volatile boolean stale;

    TokenDirectory(Jdbi jdbi, TenantFence fence, AuthConfig auth) {
        this.jdbi = jdbi;
        this.fence = fence;
        this.auth = auth;
    }

    @Scheduled(every = "${loupe.auth.refresh-interval:5s}", concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    public void read() {
        if (auth.mode() == AuthMode.DISABLED) {
            return;
        }
        try {
            refresh();
        } catch (RuntimeException e) {
            LOG.warnf("API tokens can't be read, those known are %s: %s", tokens == null ? "none" : "kept", e);
        }
    }

    /**
     * Reads the tokens; called after a change of them, so that this replica knows it at once. One read after the other, so
     * that none brings back what a later one has seen revoked.
     */
    public synchronized void refresh() {
        if (auth.mode() == AuthMode.DISABLED) {
            return;
        }
        tokens = fence.asOwner(
                () -> jdbi.withHandle(handle -> handle.createQuery("select * from api_token where revoked_at is null")
                        .map(ConstructorMapper.of(ApiToken.class))
                        .collect(Collectors.toUnmodifiableMap(ApiToken::sha256, Function.identity()))));
    }

    /** Whether the tokens were read since the start. */
    boolean isReady() {
        return tokens != null;
    }

    /** The token with this SHA-256, empty if it is unknown, expired or revoked. */
    Optional<ApiToken> find(String sha256) {
        Map<String, ApiToken> known = tokens;
        return known == null
                ? Optional.empty()
                : Optional.ofNullable(known.get(sha256)).filter(token -> token.isValid(Instant.now()));
    }

    /**
     * Applies a change of a token that an event reports, in the event's transaction; {@link #refreshIfStale} follows it. A
     * change whose revision is not newer than the stored one is ignored.
     */
    public void apply(ApiToken token) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into api_token (id, name, sha256, role, project_id, created_by, created_at, expires_at,
                            revoked_at, revision)
                        values (:id, :name, :sha256, :role, :projectId, :createdBy, :createdAt, :expiresAt, :revokedAt,
                            :revision)
                        on conflict (id) do update set revoked_at = excluded.revoked_at, revision = excluded.revision
                        where api_token.revision < excluded.revision""")
                .bindMethods(token)
                .bind("role", token.role().name())
                .execute());
        stale = true;
    }

    /** Reads the tokens if an event changed one, after the event's transaction. */
    public void refreshIfStale() {
        if (stale) {
            stale = false;
            read();
        }
    }
}
