package dev.loupe.inference.serve;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How long clients' gRPC connections live. */
@ConfigMapping(prefix = "loupe.inference.connection")
interface ConnectionConfig {
    /**
     * After this time, a tenth more or less, a connection takes no further calls: those under way are answered, and the
     * client connects anew, to whichever replicas there are then. A replica that is to go answers on for longer than that.
     */
    @WithDefault("5m")
    Duration maxAge();
}
