package dev.loupe.service.tenant;

import io.agroal.api.AgroalPoolInterceptor;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Sets the role and the tenant of a connection when a fenced request acquires it, and resets both when it goes back to the pool:
 * one statement each. A transaction acquires its connection once. Other connections cost no statement. Thread-safe.
 */
@ApplicationScoped
class FencedConnections implements AgroalPoolInterceptor {
    private static final Logger LOG = Logger.getLogger(FencedConnections.class);
    private static final String SET = "select set_config('role', ?, false), set_config('loupe.tenant', ?, false)";
    private static final String RESET = "select set_config('role', null, false), set_config('loupe.tenant', '', false)";

    private final TenantFence fence;
    private final TenantRole role;
    /** Connections of the driver whose role is set, or may be. */
    private final Set<Connection> fenced = ConcurrentHashMap.newKeySet();

    FencedConnections(TenantFence fence, TenantRole role) {
        this.fence = fence;
        this.role = role;
    }

    /** @throws IllegalStateException if the role can't be set: the request must not go on without it */
    @Override
    public void onConnectionAcquire(Connection connection) {
        fence.tenant().ifPresent(tenant -> set(connection, tenant));
    }

    private void set(Connection connection, String tenant) {
        try {
            Optional<String> name = role.name(connection);
            if (name.isEmpty()) {
                return;
            }
            fenced.add(raw(connection));
            try (PreparedStatement statement = connection.prepareStatement(SET)) {
                statement.setString(1, name.get());
                statement.setString(2, tenant);
                statement.execute();
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the connection can't get the role for tenants: " + e.getMessage(), e);
        }
    }

    @Override
    public void onConnectionReturn(Connection connection) {
        if (fenced.isEmpty()) {
            return;
        }
        Connection raw = null;
        try {
            raw = raw(connection);
            if (fenced.remove(raw)) {
                try (PreparedStatement statement = connection.prepareStatement(RESET)) {
                    statement.execute();
                }
            }
        } catch (SQLException e) {
            LOG.warnf("a connection is closed, because its role can't be reset: %s", e.getMessage());
            close(raw);
        }
    }

    /** The pool replaces it: it validates a connection before it gives it away. */
    private static void close(Connection raw) {
        try {
            if (raw != null) {
                raw.abort(Runnable::run);
            }
        } catch (SQLException e) {
            LOG.debugf("closing a connection: %s", e.getMessage());
        }
    }

    @Override
    public void onConnectionDestroy(Connection connection) {
        try {
            fenced.remove(raw(connection));
        } catch (SQLException e) {
            LOG.debugf("a closed connection: %s", e.getMessage());
        }
    }

    /** The connection of the driver: the pool wraps it for each use. */
    private static Connection raw(Connection connection) throws SQLException {
        return connection.unwrap(Connection.class);
    }
}
