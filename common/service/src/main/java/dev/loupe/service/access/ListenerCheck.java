package dev.loupe.service.access;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;

/** Says at the start how callers are known, and refuses to start where other machines could call without a token. */
@ApplicationScoped
class ListenerCheck {
    private static final Logger LOG = Logger.getLogger(ListenerCheck.class);
    private static final String HTTP = "quarkus.http.host";
    private static final String GRPC = "quarkus.grpc.server.host";

    private final AuthConfig auth;
    private final Config config;

    ListenerCheck(AuthConfig auth, Config config) {
        this.auth = auth;
        this.config = config;
    }

    void onStart(@Observes StartupEvent start) {
        Map<String, String> reachable = new LinkedHashMap<>();
        auth.adminTokenSha256().ifPresent(ListenerCheck::requireSha256);
        if (auth.mode() == AuthMode.OIDC) {
            require("issuer", auth.oidc().issuer());
            require("audience", auth.oidc().audience());
        }
        String http = config.getOptionalValue(HTTP, String.class).orElse("0.0.0.0");
        if (!isLoopback(http)) {
            reachable.put(HTTP, http);
        }
        // Without a gRPC server there is no such key.
        config.getOptionalValue(GRPC, String.class)
                .filter(host -> !isLoopback(host))
                .ifPresent(host -> reachable.put(GRPC, host));
        LOG.log(auth.insecure() && !reachable.isEmpty() ? Logger.Level.WARN : Logger.Level.INFO, describe(reachable));
    }

    /** @throws IllegalStateException if the mode is disabled on an address that other machines reach */
    private String describe(Map<String, String> reachable) {
        if (auth.mode() != AuthMode.DISABLED) {
            return auth.mode() == AuthMode.OIDC
                    ? "loupe.auth.mode=oidc: callers are known by API tokens and by access tokens of "
                            + auth.oidc().issuer().orElseThrow()
                    : "loupe.auth.mode=token: callers are known by API tokens";
        }
        if (reachable.isEmpty()) {
            return "loupe.auth.mode=disabled: every caller on this machine is an administrator";
        }
        if (auth.insecure()) {
            return "loupe.auth.mode=disabled: everyone who reaches " + reachable + " is an administrator";
        }
        throw new IllegalStateException("loupe.auth.mode=disabled: expected only loopback addresses, got " + reachable
                + ", where everyone could do anything; set loupe.auth.mode=token, or loupe.auth.insecure=true to accept"
                + " it");
    }

    private static void requireSha256(String text) {
        if (!text.matches("[0-9a-f]{64}")) {
            throw new IllegalStateException(
                    "loupe.auth.admin-token-sha256: expected 64 lower-case hexadecimal digits, got " + text.length()
                            + " characters");
        }
    }

    private static void require(String key, Optional<String> value) {
        if (value.isEmpty()) {
            throw new IllegalStateException(
                    "loupe.auth.oidc." + key + ": expected a value, because loupe.auth.mode=oidc, got none");
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException _) {
            return false;
        }
    }
}
