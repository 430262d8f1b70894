package dev.loupe.inference.webhook;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Announcements of moves of aliases over HTTP. */
@ConfigMapping(prefix = "loupe.inference.webhook")
interface WebhookConfig {
    /** Whether webhooks may call addresses of this machine and of private networks. */
    @WithDefault("false")
    boolean allowPrivateNetworks();

    /** Time for the response to one attempt. */
    @WithDefault("10s")
    Duration timeout();

    /** Most attempts at one delivery. */
    @WithDefault("10")
    int maxAttempts();

    /** Time before the second attempt; it doubles with each further one. */
    @WithDefault("5s")
    Duration retryDelay();

    /** Longest time between two attempts. */
    @WithDefault("1h")
    Duration maxRetryDelay();

    /** How often deliveries that are due are sent. */
    @WithDefault("1s")
    Duration interval();

    /** Time for which deliveries are kept. */
    @WithDefault("30d")
    Duration retention();
}
