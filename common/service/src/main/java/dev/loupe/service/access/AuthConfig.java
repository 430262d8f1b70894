package dev.loupe.service.access;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** How a service knows its callers. */
@ConfigMapping(prefix = "loupe.auth")
public interface AuthConfig {
    /** {@code disabled}, {@code token} or {@code oidc}. */
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

    /** Time between two looks for tokens and members of projects that other replicas changed. */
    @WithDefault("5s")
    Duration refreshInterval();

    /** The OpenID Connect provider, of the mode {@code oidc}. */
    Oidc oidc();

    /** Whose access tokens are accepted, and what their claims mean. */
    interface Oidc {
        /** Its issuer, as in the tokens; keys are found by {@code /.well-known/openid-configuration} below it. */
        Optional<String> issuer();

        /** PEM file with the authorities of the provider's certificate. Default: those of the Java runtime. */
        Optional<Path> ca();

        /** Name of Loupe, which the tokens must have as an audience. */
        Optional<String> audience();

        /** Claim with the name of the person, for the audit log. */
        @WithDefault("preferred_username")
        String nameClaim();

        /** Claim with the roles; {@code a.b} is the field {@code b} of the claim {@code a}. */
        @WithDefault("roles")
        String rolesClaim();

        /** What stands before the name of a role in that claim: {@code loupe-engineer}. */
        @WithDefault("loupe-")
        String rolePrefix();

        /** Claim with the names of the person's groups, which may be members of projects. */
        @WithDefault("groups")
        String groupsClaim();

        /**
         * Claim with the tenant of the person: their roles count in its projects only, and nothing else exists for them. A
         * token without the claim is refused. If this is not set, all persons are of the tenant {@code default}.
         */
        Optional<String> tenantClaim();

        /** Most seconds that the clocks of provider and service may differ. */
        @WithDefault("30s")
        Duration clockSkew();

        /** Time between two looks for new keys of the provider. */
        @WithDefault("5m")
        Duration keysInterval();

        /**
         * Time between two looks for the key of a token that names an unknown one: tokens with keys that do not exist must
         * not make the service read the keys all the time.
         */
        @WithDefault("5s")
        Duration keysPause();
    }
}
