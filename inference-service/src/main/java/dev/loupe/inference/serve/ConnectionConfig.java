package dev.loupe.inference.serve;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What clients' gRPC connections may take. */
@ConfigMapping(prefix = "loupe.inference.connection")
interface ConnectionConfig {
    /**
     * After this time, a tenth more or less, a connection takes no further calls: those under way are answered, and the
     * client opens another one, to the replicas that there are then. A replica that is shut down answers for longer.
     */
    @WithDefault("5m")
    Duration maxAge();

    /** After this time more, what is not answered yet, or whose answer the client does not read, is cut off. */
    @WithDefault("1m")
    Duration maxAgeGrace();

    /** Connections at the same time; a further one is closed. */
    @WithDefault("1000")
    int maxConnections();

    /** Calls at the same time on one connection; a client keeps further ones back. */
    @WithDefault("100")
    int maxCalls();

    /** Longest time from the beginning of a call until its message has arrived. */
    @WithDefault("30s")
    Duration receiveTimeout();
}
