package dev.loupe.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.tls.TlsAuthorities;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/** HTTPS to the gateway, and from it to the services. */
@QuarkusTest
@QuarkusTestResource(value = TlsServices.class, restrictToAnnotatedClass = true)
class GatewayTlsIT {
    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        TlsAuthorities authorities =
                new TlsAuthorities("ca", ConfigProvider.getConfig().getValue("loupe.tls.ca", Path.class));
        try (HttpClient client = HttpClient.newBuilder()
                .sslContext(TlsAuthorities.context(authorities, null))
                .build()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("https://localhost:" + RestAssured.port + path))
                            .build(),
                    BodyHandlers.ofString());
        }
    }

    @Test
    void reachesAServiceThatDemandsItsCertificate() throws Exception {
        HttpResponse<String> answer = get("/api/v1/projects");

        assertEquals(200, answer.statusCode(), answer.body());
        assertEquals("right", answer.body());
    }

    @Test
    void sendsNothingToAServerOfAnotherAuthorityOrWithAnotherName() throws Exception {
        for (String path : new String[] {"/api/v1/runs", "/api/v1/models"}) {
            HttpResponse<String> answer = get(path);
            assertEquals(503, answer.statusCode(), answer.body());
            assertTrue(answer.body().contains("SERVICE_UNAVAILABLE"), answer.body());
        }
        String services = get("/api/v1/services").body();
        assertTrue(services.contains("{\"name\":\"dataset-service\",\"state\":\"READY\"}"), services);
        assertTrue(services.contains("{\"name\":\"training-service\",\"state\":\"UNREACHABLE\"}"), services);
        assertTrue(services.contains("{\"name\":\"inference-service\",\"state\":\"UNREACHABLE\"}"), services);
    }

    @Test
    void speaksNoPlainText() {
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThrows(
                    IOException.class,
                    () -> client.send(
                            HttpRequest.newBuilder(
                                            URI.create("http://localhost:" + RestAssured.port + "/q/health/live"))
                                    .build(),
                            BodyHandlers.ofString()));
        }
    }
}
