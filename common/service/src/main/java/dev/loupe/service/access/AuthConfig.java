package dev.loupe.service.access;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** How a service knows its callers. */
@ConfigMapping(prefix = "loupe.auth")
public interface AuthConfig {
    /** {@code disabled} or {@code token}. */
    @WithDefault("disabled")
    AuthMode mode();

    /**
     * Accepts the mode {@code disabled} on addresses that other machines reach. Then anyone who reaches the service can
     * do anything.
     */
    @WithDefault("false")
    boolean insecure();

    /**
     * Lower-case hexadecimal SHA-256 of an API token that is an administrator's, to create the first tokens with. It does
     * not expire: remove it afterwards.
     */
    Optional<String> adminTokenSha256();

    /** Time between two looks for tokens that other replicas created or revoked. */
    @WithDefault("5s")
    Duration refreshInterval();
}
