package dev.loupe.console;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How the console knows the person in front of the browser; {@code mode} is that of the services. */
@ConfigMapping(prefix = "loupe.auth")
interface LoginConfig {
    /** {@code disabled}: there is no login; {@code token}: by an API token; {@code oidc}: also by a provider. */
    @WithDefault("disabled")
    Mode mode();

    /**
     * Key that cookies are encrypted with: 32 random bytes in Base64, the same for all replicas. Several while a key is
     * replaced: new cookies have the first.
     */
    Optional<List<String>> cookieKey();

    /** Longest time until a person must log in again. */
    @WithDefault("12h")
    Duration sessionLimit();

    /** The OpenID Connect provider, of the mode {@code oidc}. */
    Oidc oidc();

    /** Values of {@code loupe.auth.mode}. */
    enum Mode {
        DISABLED,
        TOKEN,
        OIDC
    }

    /** How the console makes itself known to the provider. */
    interface Oidc {
        /** Its issuer; addresses are found by {@code /.well-known/openid-configuration} below it. */
        Optional<String> issuer();

        /** PEM file with the authorities of the provider's certificate. Default: those of the Java runtime. */
        Optional<Path> ca();

        /** Name of the console at the provider. */
        Optional<String> clientId();

        /** Its secret; absent: a public client, which has PKCE alone. */
        Optional<String> clientSecret();

        /**
         * Name of the command line at the provider: a public client that may log in by device code. Absent: persons log in
         * there with API tokens.
         */
        Optional<String> commandClientId();

        /** What a login asks the provider for. */
        @WithDefault("openid,profile")
        List<String> scopes();

        /** Longest time until the provider accepts a connection, and until it answers. */
        @WithDefault("5s")
        Duration timeout();
    }
}
