package dev.loupe.console;

import dev.loupe.console.LoginConfig.Mode;
import dev.loupe.tls.server.Tls;
import jakarta.inject.Singleton;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/** What a login needs of the configuration; a wrong value stops the start. */
@Singleton
class Login {
    private static final Logger LOG = Logger.getLogger(Login.class);

    private final LoginConfig config;
    private final URI address;
    private final Cookies cookies;
    private final Provider provider;

    Login(LoginConfig config, ConsoleConfig console, Tls tls) {
        this.config = config;
        if (config.mode() == Mode.DISABLED) {
            address = null;
            cookies = null;
            provider = null;
            LOG.info("loupe.auth.mode=disabled: there is no login");
            return;
        }
        address = origin(required("loupe.console.url", console.url()));
        cookies = new Cookies(seal(required("loupe.auth.cookie-key", config.cookieKey())), isSecure());
        provider = config.mode() == Mode.OIDC ? provider(tls) : null;
        LOG.infof(
                "loupe.auth.mode=%s: persons log in at %s", config.mode().name().toLowerCase(Locale.ROOT), address);
    }

    private Provider provider(Tls tls) {
        LoginConfig.Oidc oidc = config.oidc();
        return new Provider(
                required("loupe.auth.oidc.issuer", oidc.issuer()),
                required("loupe.auth.oidc.client-id", oidc.clientId()),
                oidc,
                tls.contextOfClients("loupe.auth.oidc.ca", oidc.ca()).getSocketFactory(),
                address,
                config.sessionLimit());
    }

    private <T> T required(String key, Optional<T> value) {
        return value.orElseThrow(() -> new IllegalStateException(key + ": expected a value, because loupe.auth.mode="
                + config.mode().name().toLowerCase(Locale.ROOT) + ", got none"));
    }

    private static Seal seal(List<String> keys) {
        try {
            return new Seal(keys);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("loupe.auth.cookie-key: " + e.getMessage(), e);
        }
    }

    /** The address without a path, in the form of the header Origin. */
    private static URI origin(URI url) {
        String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        if (!Set.of("http", "https").contains(scheme)
                || url.getHost() == null
                || url.getUserInfo() != null
                || !Set.of("", "/").contains(url.getPath())
                || url.getQuery() != null) {
            throw new IllegalStateException(
                    "loupe.console.url: expected an address like https://loupe.example.org, got '" + url + "'");
        }
        boolean standard = url.getPort() == (scheme.equals("https") ? 443 : 80) || url.getPort() == -1;
        return URI.create(
                scheme + "://" + url.getHost().toLowerCase(Locale.ROOT) + (standard ? "" : ":" + url.getPort()));
    }

    private boolean isSecure() {
        return address.getScheme().equals("https");
    }

    Mode mode() {
        return config.mode();
    }

    boolean isRequired() {
        return config.mode() != Mode.DISABLED;
    }

    /** Scheme, host and port of the console, as browsers send them in the header Origin. */
    String origin() {
        return address.toString();
    }

    Cookies cookies() {
        return cookies;
    }

    /** The provider; empty if persons log in with API tokens alone. */
    Optional<Provider> openIdProvider() {
        return Optional.ofNullable(provider);
    }

    LoginConfig.Oidc oidc() {
        return config.oidc();
    }

    Duration sessionLimit() {
        return config.sessionLimit();
    }
}
