package dev.loupe.service;

import dev.loupe.devstack.Devstack;
import dev.loupe.devstack.DevstackOptions;
import dev.loupe.devstack.ServerTls;
import dev.loupe.testing.TestAuthority;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/** PostgreSQL, Kafka and S3 with TLS of a private authority, and the settings of docs/guides/tls.md for them. */
public final class TlsServers implements QuarkusTestResourceLifecycleManager {
    private Devstack devstack;

    @Override
    public Map<String, String> start() {
        try {
            // PostgreSQL must reach the files: not below a folder of root.
            Path folder = Files.createTempDirectory("loupe-tls");
            TestAuthority authority = new TestAuthority("Loupe");
            TestAuthority.Issued server = authority.issue("servers").writeTo(folder);
            Path key = folder.resolve("tls.key");
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
            Path ca = TestAuthority.write(folder.resolve("ca.crt"), authority);
            TestAuthority.write(folder.resolve("other.crt"), new TestAuthority("Loupe"));
            devstack = Devstack.start(DevstackOptions.withTls(new ServerTls(
                    folder.resolve("tls.crt"), key, server.writeKeyStore(folder, "password"), "password", ca)));
            Path client = Files.createDirectory(folder.resolve("client"));
            authority.issue("service").writeTo(client);
            return Map.ofEntries(
                    Map.entry(
                            "quarkus.datasource.jdbc.url",
                            devstack.jdbcUrl("service_library") + "&sslmode=verify-full&sslrootcert=" + ca),
                    Map.entry("quarkus.datasource.username", devstack.databaseUser()),
                    Map.entry("quarkus.datasource.password", devstack.databasePassword()),
                    Map.entry("kafka.bootstrap.servers", devstack.kafkaTlsBootstrapServers()),
                    Map.entry("kafka.security.protocol", "SSL"),
                    Map.entry("kafka.ssl.truststore.type", "PEM"),
                    Map.entry("kafka.ssl.truststore.location", ca.toString()),
                    Map.entry("kafka.ssl.keystore.type", "PEM"),
                    Map.entry("kafka.ssl.keystore.certificate.chain", Files.readString(client.resolve("tls.crt"))),
                    Map.entry("kafka.ssl.keystore.key", Files.readString(client.resolve("tls.key"))),
                    Map.entry("loupe.topic-prefix", ""),
                    Map.entry(
                            "loupe.storage.endpoint", devstack.storageEndpoint().toString()),
                    Map.entry("loupe.storage.access-key", devstack.storageAccessKey()),
                    Map.entry("loupe.storage.secret-key", devstack.storageSecretKey()),
                    Map.entry("loupe.storage.bucket", devstack.storageBucket()),
                    Map.entry("loupe.storage.ca", ca.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {
        devstack.close();
    }
}
