package dev.loupe.inference.tls;

import dev.loupe.testing.TestAuthority;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A replica whose servers demand TLS with client certificates. The tests replace its certificates by their own. */
public final class TlsTestResource implements QuarkusTestResourceLifecycleManager {
    @Override
    public Map<String, String> start() {
        try {
            Path folder = Files.createTempDirectory(Path.of("target"), "tls").toAbsolutePath();
            TestAuthority first = new TestAuthority("first");
            first.issue("inference-service").writeTo(folder);
            TestAuthority.write(folder.resolve("ca.crt"), first);
            return Map.of(
                    "loupe.tls.certificate",
                    folder.resolve("tls.crt").toString(),
                    "loupe.tls.key",
                    folder.resolve("tls.key").toString(),
                    "loupe.tls.client-ca",
                    folder.resolve("ca.crt").toString(),
                    "loupe.tls.reload",
                    "50ms");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {}
}
