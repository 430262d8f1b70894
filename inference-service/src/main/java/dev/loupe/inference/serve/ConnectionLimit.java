package dev.loupe.inference.serve;

import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;
import jakarta.inject.Singleton;

/**
 * Limits the number of connections. A connection beyond the limit stays open, and its calls are rejected with a status
 * that gives the reason until other connections have ended. If it were closed at once, gRPC would report no more than
 * INTERNAL to the client.
 */
@Singleton
class ConnectionLimit extends ServerTransportFilter {
    private static final Attributes.Key<Connection> CONNECTION = Attributes.Key.create("loupe-connection");

    private final int most;
    private int accepted;

    /** A connection. Guarded by the limit. */
    private static final class Connection {
        private boolean accepted;
    }

    ConnectionLimit(ConnectionConfig config) {
        this.most = config.maxConnections();
    }

    int most() {
        return most;
    }

    /** Whether a call on a connection with these attributes is accepted. */
    synchronized boolean accepts(Attributes attributes) {
        Connection connection = attributes.get(CONNECTION);
        return connection == null || accept(connection);
    }

    private boolean accept(Connection connection) {
        if (!connection.accepted && accepted < most) {
            connection.accepted = true;
            accepted++;
        }
        return connection.accepted;
    }

    @Override
    public synchronized Attributes transportReady(Attributes attributes) {
        Connection connection = new Connection();
        accept(connection);
        return attributes.toBuilder().set(CONNECTION, connection).build();
    }

    @Override
    public synchronized void transportTerminated(Attributes attributes) {
        Connection connection = attributes == null ? null : attributes.get(CONNECTION);
        if (connection != null && connection.accepted) {
            connection.accepted = false;
            accepted--;
        }
    }
}
