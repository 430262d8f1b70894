package dev.loupe.inference.serve;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits of clients' gRPC connections. */
@ConfigMapping(prefix = "loupe.inference.connection")
interface ConnectionConfig {
    /**
     * Age, randomized by a tenth, at which a connection accepts no further calls. Calls in progress are answered, and
     * the client opens a new connection, possibly to other replicas. A replica that is shut down continues to answer
     * for longer.
     */
    @WithDefault("5m")
    Duration maxAge();

    /** Further time after which calls that are not answered, or whose answer the client does not read, are aborted. */
    @WithDefault("1m")
    Duration maxAgeGrace();

    /** Most connections at the same time; calls on further connections are rejected. */
    @WithDefault("1000")
    int maxConnections();

    /** Most calls at the same time on one connection; the client queues further ones. */
    @WithDefault("100")
    int maxCalls();

    /** Longest time from the start of a call until its message has arrived. */
    @WithDefault("30s")
    Duration receiveTimeout();
}
