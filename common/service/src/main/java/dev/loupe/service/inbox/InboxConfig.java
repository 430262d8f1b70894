package dev.loupe.service.inbox;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configuration of the record of received events. */
@ConfigMapping(prefix = "loupe.inbox")
public interface InboxConfig {
    /** How long a repeated event is recognized. Must be longer than the retention of its topic. */
    @WithDefault("30d")
    Duration retention();
}
