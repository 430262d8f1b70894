package dev.loupe.service.inbox;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How long received events are remembered. */
@ConfigMapping(prefix = "loupe.inbox")
public interface InboxConfig {
    /** Time for which an event that comes once more is recognised. Must be longer than its topic keeps events. */
    @WithDefault("30d")
    Duration retention();
}
