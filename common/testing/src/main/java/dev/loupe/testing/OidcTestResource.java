package dev.loupe.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The {@link OidcProvider} over https, with a certificate of a private authority ({@code loupe.auth.oidc.ca}), and what a real one does not have: {@code POST /sign?key=current|other} signs any claims,
 * {@code POST /rotate} replaces the key. Fields of the type {@link OidcProvider} in test classes are set.
 */
public final class OidcTestResource implements QuarkusTestResourceLifecycleManager {
    private OidcProvider provider;

    @Override
    public Map<String, String> start() {
        TestAuthority authority = new TestAuthority("identity");
        Path ca;
        try {
            provider = new OidcProvider(authority.issue("provider").context());
            ca = TestAuthority.write(Files.createTempDirectory("loupe-oidc").resolve("ca.crt"), authority);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        provider.server()
                .createContext(
                        "/sign",
                        exchange -> OidcProvider.send(
                                exchange,
                                200,
                                provider.sign(
                                        new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
                                        !exchange.getRequestURI().getQuery().contains("other"))));
        provider.server().createContext("/rotate", exchange -> {
            provider.rotate();
            OidcProvider.send(exchange, 200, "");
        });
        return Map.of("loupe.auth.oidc.issuer", provider.issuer(), "loupe.auth.oidc.ca", ca.toString());
    }

    @Override
    public void inject(TestInjector fields) {
        fields.injectIntoFields(provider, field -> field.getType() == OidcProvider.class);
    }

    @Override
    public void stop() {
        provider.close();
    }
}
