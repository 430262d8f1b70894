package dev.loupe.service.tenant;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * The role of PostgreSQL for requests of callers of a tenant: {@code ACCOUNT_tenant}. It is created and gets its rights after
 * the migrations ({@code afterMigrate__tenant_role.sql}). Thread-safe.
 */
@ApplicationScoped
class TenantRole {
    private static final Logger LOG = Logger.getLogger(TenantRole.class);

    /** The account, its role, and whether it can become the role and row-level security applies to that. */
    private static final String LOOK = """
            with role as (select left(current_user, 56) || '_tenant' as name)
            select quote_ident(current_user), quote_ident(role.name), role.name, exists (
              select from pg_roles r
              where r.rolname = role.name and not r.rolsuper and not r.rolbypassrls
                and pg_has_role(session_user, r.oid,
                    case when current_setting('server_version_num')::integer >= 160000 then 'SET' else 'MEMBER' end)
                and not pg_has_role(r.oid, current_user, 'MEMBER')
                and has_schema_privilege(r.oid, current_schema(), 'USAGE'))
            from role""";

    private final Duration patience;
    private final AtomicBoolean warned = new AtomicBoolean();
    /** null: not usable, as far as is known. */
    private volatile String name;
    /** {@link System#nanoTime()} from which it is worth looking for it again. */
    private volatile Long nextLook;

    /** @param patience how long a role that is not usable is not looked for again */
    TenantRole(@ConfigProperty(name = "loupe.auth.refresh-interval", defaultValue = "5s") Duration patience) {
        this.patience = patience;
    }

    /**
     * The role for a request that needs it; empty if it is not usable.
     *
     * @param connection of the account, to look for it
     */
    Optional<String> name(Connection connection) throws SQLException {
        Long next = nextLook;
        if (name == null && (next == null || System.nanoTime() - next >= 0)) {
            look(connection);
            nextLook = System.nanoTime() + patience.toNanos();
        }
        return known();
    }

    /** As it was last found. */
    Optional<String> known() {
        return Optional.ofNullable(name);
    }

    private void look(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(LOOK);
                ResultSet found = statement.executeQuery()) {
            found.next();
            if (found.getBoolean(4)) {
                name = found.getString(3);
            } else if (!warned.getAndSet(true)) {
                LOG.warnf("""
                        Requests of tenants run without row-level security: expected a role that %1$s can become. For this \
                        second fence between tenants, run as an administrator of PostgreSQL: create role %2$s nologin; grant \
                        %2$s to %1$s; and restart the service.""", found.getString(1), found.getString(2));
            }
        }
    }
}
