package dev.loupe.inference.tls;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.events.v1.Task;
import dev.loupe.inference.InferenceTestResource;
import dev.loupe.inference.SmallModels;
import dev.loupe.inference.TestClient;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.testing.CapturedLog;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.TestAuthority;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.config.SSLConfig;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.apache.http.conn.ssl.SSLSocketFactory;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
@QuarkusTestResource(value = TlsTestResource.class, restrictToAnnotatedClass = true)
class TlsIT {
    @Inject
    TestClient client;

    @Inject
    MeterRegistry metrics;

    // Not injected: Quarkus would demand the key of the other tests, too.
    private final Path certificate = ConfigProvider.getConfig().getValue("loupe.tls.certificate", Path.class);
    private final int grpcPort = ConfigProvider.getConfig().getValue("quarkus.grpc.server.test-port", Integer.class);

    @TempDir
    Path folder;

    private final TestAuthority authority = new TestAuthority("Loupe");
    private final TestAuthority other = new TestAuthority("other");
    private TlsClient good;
    private RequestSpecification before;

    @BeforeEach
    @SuppressWarnings("deprecation") // REST Assured accepts no other factory.
    void replaceTheCertificatesOfTheService() throws IOException {
        TestAuthority.write(certificate.resolveSibling("ca.crt"), authority);
        authority.issue("inference-service").writeTo(certificate.getParent());
        good = client("camera", authority.issue("camera"), authority);
        awaitServed(good);
        before = RestAssured.requestSpecification;
        RestAssured.baseURI = "https://localhost";
        RestAssured.config =
                RestAssured.config().sslConfig(new SSLConfig().sslSocketFactory(new SSLSocketFactory(good.context())));
    }

    @AfterEach
    void resetRestAssured() {
        RestAssured.config = RestAssured.config().sslConfig(new SSLConfig());
        RestAssured.requestSpecification = before;
    }

    private TlsClient client(String name, TestAuthority.Issued issued, TestAuthority... trusted) throws IOException {
        Path own = Files.createDirectories(folder.resolve(name));
        if (issued != null) {
            issued.writeTo(own);
        }
        TestAuthority.write(own.resolve("ca.crt"), trusted);
        return new TlsClient(own, RestAssured.port, grpcPort);
    }

    /** Waits until both servers accept the client. */
    private static void awaitServed(TlsClient client) {
        await().atMost(TestClient.PATIENCE)
                .ignoreExceptions()
                .until(() -> client.get("/v2/health/live").statusCode() == 200 && client.grpcIsLive());
    }

    private Project classifier() {
        Project project = Project.of(Task.CLASSIFICATION);
        client.publish(project, 1, "READY", SmallModels.classifier(folder, 2, List.of("red", "blue")), 0.9);
        return project;
    }

    private double reloads(String file, String outcome) {
        return metrics.get("loupe.tls.reloads")
                .tag("file", file)
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    private void assertServes(TlsClient client) throws Exception {
        assertEquals(200, client.get("/v2/health/live").statusCode());
        assertTrue(client.grpcIsLive());
    }

    @Test
    void refusesClientsWithoutAValidCertificateOfTheAuthorityAndServesTheNext() throws Exception {
        TlsClient without = client("without", null, authority);
        for (String path :
                List.of("/v2/health/live", "/api/v1/models", "/q/metrics", "/openapi", "/q/health/../metrics")) {
            HttpResponse<String> answer = without.get(path);
            assertEquals(401, answer.statusCode(), path);
            assertTrue(answer.body().contains("CLIENT_CERTIFICATE_REQUIRED"), answer.body());
        }
        assertEquals(200, without.get("/q/health/live").statusCode());
        assertEquals(200, without.get("/q/health/ready").statusCode());
        assertUnavailable(without);
        assertServes(good);

        // Of an authority that the server does not name: the client sends none.
        TlsClient foreign = client("foreign", other.issue("stranger"), authority);
        assertEquals(401, foreign.get("/v2/health/live").statusCode());
        assertUnavailable(foreign);
        TestAuthority impostor = new TestAuthority("Loupe");
        for (TestAuthority.Issued refused : List.of(impostor.issue("camera"), authority.expired("camera"))) {
            TlsClient wrong = client("wrong", refused, authority);
            assertThrows(IOException.class, () -> wrong.get("/v2/health/live"));
            assertThrows(IOException.class, () -> wrong.get("/q/health/live"));
            assertUnavailable(wrong);
            assertServes(good);
        }
        TlsClient careful = client("careful", authority.issue("camera"), other);
        assertThrows(IOException.class, () -> careful.get("/q/health/live"));
        assertUnavailable(careful);
        assertThrows(IOException.class, () -> good.getInPlainText("/q/health/live"));
        assertServes(good);
    }

    private static void assertUnavailable(TlsClient client) {
        StatusRuntimeException refused = assertThrows(StatusRuntimeException.class, client::grpcIsLive);
        assertEquals(Status.Code.UNAVAILABLE, refused.getStatus().getCode(), refused.toString());
    }

    @Test
    void anOpenConnectionAndAResumedSessionLoseAnAuthorityThatIsRemoved() throws Exception {
        var open = good.httpClient();
        assertEquals(200, good.get(open, "/v2/health/live").statusCode());

        TestAuthority.write(certificate.resolveSibling("ca.crt"), other);

        // The server's own certificate is still of the first authority, so the client accepts it.
        await().atMost(TestClient.PATIENCE)
                .until(() -> good.get(open, "/v2/health/live").statusCode() == 401);
        assertUnavailable(good);
    }

    @Test
    void aWrongFileAtAReloadLeavesTheFormerCertificateAndIsToldOnceAndCounted() throws Exception {
        double failed = reloads("loupe.tls.certificate", "failed");
        X509Certificate served = good.servedCertificate();
        try (CapturedLog log = CapturedLog.begin()) {
            TestAuthority.replace(certificate, "no certificate");

            await().atMost(TestClient.PATIENCE).until(() -> reloads("loupe.tls.certificate", "failed") >= failed + 3);

            assertServes(good);
            assertEquals(served, good.servedCertificate());
            assertEquals(
                    1,
                    log.lines("expected -----BEGIN CERTIFICATE-----, got no PEM block")
                            .size());
        }
        authority.issue("inference-service").writeTo(certificate.getParent());
        await().atMost(TestClient.PATIENCE).until(() -> !served.equals(good.servedCertificate()));
        double days = metrics.get("loupe.tls.expiry")
                        .tag("file", "loupe.tls.certificate")
                        .gauge()
                        .value()
                / 86_400;
        assertTrue(days > 89 && days <= 90, "days: " + days);
    }

    @Test
    void warnsOfACertificateThatExpiresSoon() {
        try (CapturedLog log = CapturedLog.begin()) {
            authority
                    .issue("inference-service", TestAuthority.ecKeys(), Duration.ofDays(13))
                    .writeTo(certificate.getParent());
            await().atMost(TestClient.PATIENCE).until(() -> !log.lines("loupe.tls.certificate: a certificate expires")
                    .isEmpty());
        }
    }

    /**
     * Certificates are replaced while predictions run, most of them on new connections: new keys of the same authority
     * several times, then all certificates by those of another authority, in the order that the documentation gives.
     */
    @Test
    void noPredictionFailsWhileCertificatesAndAuthoritiesAreReplaced() throws Exception {
        Project project = classifier();
        try (PredictionLoad load = new PredictionLoad(good, project)) {
            load.awaitMore(5);
            for (int i = 0; i < 4; i++) {
                X509Certificate next = authority
                        .issue("inference-service")
                        .writeTo(certificate.getParent())
                        .certificate();
                await().atMost(TestClient.PATIENCE).until(() -> next.equals(good.servedCertificate()));
                load.awaitMore(5);
            }
            double trusted = reloads("loupe.tls.client-ca", "reloaded");
            TestAuthority.write(certificate.resolveSibling("ca.crt"), authority, other);
            TestAuthority.write(good.folder().resolve("ca.crt"), authority, other);
            good.reload();
            await().atMost(TestClient.PATIENCE).until(() -> reloads("loupe.tls.client-ca", "reloaded") > trusted);

            X509Certificate next = other.issue("inference-service")
                    .writeTo(certificate.getParent())
                    .certificate();
            await().atMost(TestClient.PATIENCE).until(() -> next.equals(good.servedCertificate()));
            other.issue("camera").writeTo(good.folder());
            good.reload();
            load.awaitMore(5);

            double narrowed = reloads("loupe.tls.client-ca", "reloaded");
            TestAuthority.write(good.folder().resolve("ca.crt"), other);
            good.reload();
            load.closeOldConnections();
            TestAuthority.write(certificate.resolveSibling("ca.crt"), other);
            await().atMost(TestClient.PATIENCE).until(() -> reloads("loupe.tls.client-ca", "reloaded") > narrowed);
            load.awaitMore(5);

            assertEquals(List.of(), load.failures());
        }
        assertUnavailable(client("former", authority.issue("camera"), other));
    }
}
