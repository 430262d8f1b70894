package dev.loupe.service;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.storage.GrantedObjectStore;
import dev.loupe.storage.MinioObjectStore;
import dev.loupe.storage.ObjectGrants;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectSigner.Access;
import dev.loupe.storage.StorageEndpoint;
import dev.loupe.storage.StorageException;
import dev.loupe.storage.StoredObject;
import dev.loupe.tls.TlsAuthorities;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/** A service whose servers speak TLS only, with certificates of a private authority. */
@QuarkusTest
@QuarkusTestResource(value = TlsServers.class, restrictToAnnotatedClass = true)
class TlsServersIT {
    private static final byte[] BYTES = {1, 2, 3};

    @Inject
    Jdbi jdbi;

    @Inject
    MinioObjectStore store;

    private static String setting(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }

    private static Path ca(String name) {
        return Path.of(setting("loupe.storage.ca")).resolveSibling(name);
    }

    @Test
    void databaseConnectionsAreEncryptedAndThoseToAnotherAuthorityFail() throws SQLException {
        assertEquals(List.of(true), jdbi.withHandle(handle -> handle.createQuery(
                        "select ssl from pg_stat_ssl where pid = pg_backend_pid()")
                .mapTo(Boolean.class)
                .list()));

        String url = setting("quarkus.datasource.jdbc.url");
        String user = setting("quarkus.datasource.username");
        String password = setting("quarkus.datasource.password");
        DriverManager.getConnection(url, user, password).close();
        String other = url.replace("ca.crt", "other.crt");
        SQLException refused =
                assertThrows(SQLException.class, () -> DriverManager.getConnection(other, user, password));
        assertTrue(refused.getMessage().contains("PKIX path"), refused.getMessage());
        // The certificate is for localhost and 127.0.0.1.
        String name = url.replace("127.0.0.1", "127.0.0.2");
        assertThrows(SQLException.class, () -> DriverManager.getConnection(name, user, password));
    }

    @Test
    void eventsAreSentOverTlsAndConsumedAndOthersAreRefused() throws Exception {
        given().contentType(ContentType.JSON)
                .body(Map.of("text", "over TLS"))
                .post("/notes")
                .then()
                .statusCode(201);
        await().atMost(Duration.ofMinutes(2))
                .until(() -> jdbi.withHandle(handle -> handle.createQuery("select count(*) from outbox")
                                .mapTo(Integer.class)
                                .one())
                        == 0);

        Map<String, Object> good =
                new HashMap<>(Map.of("default.api.timeout.ms", 20_000, "request.timeout.ms", 10_000));
        for (String key : new String[] {
            "bootstrap.servers",
            "security.protocol",
            "ssl.truststore.type",
            "ssl.truststore.location",
            "ssl.keystore.type",
            "ssl.keystore.certificate.chain",
            "ssl.keystore.key"
        }) {
            good.put(key, setting("kafka." + key));
        }
        assertTrue(topics(good).contains("loupe.models"));
        Map<String, Object> other = new HashMap<>(good);
        other.put("ssl.truststore.location", ca("other.crt").toString());
        assertRefused(other);
        Map<String, Object> without = new HashMap<>(good);
        without.keySet().removeIf(key -> key.startsWith("ssl.keystore"));
        assertRefused(without);
        assertTrue(topics(good).contains("loupe.models"));
    }

    private static Iterable<String> names(Map<String, Object> settings) throws Exception {
        try (Admin admin = Admin.create(settings)) {
            return admin.listTopics().names().get(1, TimeUnit.MINUTES);
        }
    }

    private static List<String> topics(Map<String, Object> settings) throws Exception {
        List<String> topics = new ArrayList<>();
        names(settings).forEach(topics::add);
        return topics;
    }

    private static void assertRefused(Map<String, Object> settings) {
        ExecutionException refused = assertThrows(ExecutionException.class, () -> topics(settings));
        assertEquals(SslAuthenticationException.class, refused.getCause().getClass(), refused.toString());
    }

    @Test
    void objectsAreStoredOverTlsAndAnotherAuthorityIsRefused() {
        ObjectLocation location = new ObjectLocation(setting("loupe.storage.bucket"), "over/tls");
        store.put(location, BYTES, "application/octet-stream");
        assertArrayEquals(BYTES, store.read(location));
        StorageEndpoint endpoint = new StorageEndpoint(
                URI.create(setting("loupe.storage.endpoint")),
                "us-east-1",
                setting("loupe.storage.access-key"),
                setting("loupe.storage.secret-key"),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                0);
        TlsAuthorities own = new TlsAuthorities("ca", ca("ca.crt"));
        TlsAuthorities other = new TlsAuthorities("ca", ca("other.crt"));
        try (MinioObjectStore refused = new MinioObjectStore(endpoint, other);
                GrantedObjectStore trainer = new GrantedObjectStore(new Signed(), 0, own);
                GrantedObjectStore refusedTrainer = new GrantedObjectStore(new Signed(), 0, other)) {
            assertArrayEquals(BYTES, trainer.read(location));
            assertThrows(StorageException.class, () -> refused.read(location));
            assertThrows(StorageException.class, () -> refusedTrainer.read(location));
        }
    }

    /** As training-service signs URLs for trainers. */
    private final class Signed implements ObjectGrants {
        @Override
        public URI address(Access access, ObjectLocation location) {
            return store.sign(access, location, Duration.ofMinutes(1));
        }

        @Override
        public void refused(Access access, ObjectLocation location) {}

        @Override
        public List<StoredObject> list(String bucket, String prefix) {
            return store.list(bucket, prefix);
        }

        @Override
        public void delete(ObjectLocation location) {
            store.delete(location);
        }
    }
}
