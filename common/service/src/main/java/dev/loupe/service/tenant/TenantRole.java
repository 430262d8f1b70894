package dev.loupe.service.tenant;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;

/**
 * The role of PostgreSQL for requests of callers of a tenant: {@code ACCOUNT_tenant}. It is created and gets its rights after
 * the migrations ({@code afterMigrate__tenant_role.sql}). Thread-safe.
 */
@ApplicationScoped
class TenantRole {
    private static final Logger LOG = Logger.getLogger(TenantRole.class);

    /** The account can become the role, and row-level security applies to it. */
    private static final String USABLE = """
            select r.rolname from pg_roles r
            where r.rolname = left(current_user, 56) || '_tenant' and not r.rolsuper and not r.rolbypassrls
              and pg_has_role(session_user, r.oid,
                  case when current_setting('server_version_num')::integer >= 160000 then 'SET' else 'MEMBER' end)
              and not pg_has_role(r.oid, current_user, 'MEMBER')
              and has_schema_privilege(r.oid, current_schema(), 'USAGE')""";

    private final Jdbi jdbi;
    /** null: not usable, as far as is known. */
    private volatile String name;
    /** Whether to look for it: at the start, and after a request that needed it. */
    private volatile boolean due = true;
    /** Whether a request has needed it. */
    private volatile boolean needed;

    private boolean warned;

    TenantRole(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Does not hold up the start, because the database may be unavailable. */
    @Scheduled(every = "${loupe.auth.refresh-interval:5s}", concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void look() {
        if (name != null || !due) {
            return;
        }
        try {
            due = false;
            name = jdbi.withHandle(handle ->
                    handle.createQuery(USABLE).mapTo(String.class).findOne().orElse(null));
            if (name == null && needed && !warned) {
                warn();
                warned = true;
            }
        } catch (RuntimeException e) {
            due = true;
            LOG.debugf("the role for tenants is not looked up: %s", e.getMessage()); // the database is away
        }
    }

    /** The role for a request that needs it; empty if it is not usable. */
    Optional<String> name() {
        Optional<String> known = Optional.ofNullable(name);
        if (known.isEmpty()) {
            needed = true;
            due = true;
        }
        return known;
    }

    private void warn() {
        jdbi.useHandle(handle -> handle.createQuery("""
                        select quote_ident(current_user) as account, quote_ident(left(current_user, 56) || '_tenant') as role""")
                .map((row, _) -> """
                        Requests of tenants run without row-level security: expected a role that %1$s can become. For this \
                        second fence between tenants, run as an administrator of PostgreSQL: create role %2$s nologin; grant \
                        %2$s to %1$s; and restart the service.""".formatted(row.getString("account"), row.getString("role")))
                .forEach(LOG::warn));
    }
}
