package dev.loupe.inference.access;

import dev.loupe.service.access.TokenText;
import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/** A service that knows its callers by API tokens. */
public final class TokenMode implements QuarkusTestProfile {
    /** The token that the configuration makes an administrator's. The same for all class loaders of a test JVM. */
    static final String ADMINISTRATOR = "loupe_" + "0123456789abcdef".repeat(3).substring(0, 43);

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "loupe.auth.mode", "token",
                "loupe.auth.insecure", "false",
                "loupe.auth.admin-token-sha256", TokenText.sha256(ADMINISTRATOR));
    }
}
