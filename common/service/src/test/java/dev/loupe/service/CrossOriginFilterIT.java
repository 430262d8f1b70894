package dev.loupe.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.testing.DevstackTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests as browsers send them, byte by byte: a client library would set the headers by itself. */
@QuarkusTest
@QuarkusTestResource(
        value = DevstackTestResource.class,
        initArgs = @ResourceArg(name = "schema", value = "service_library"))
@TestProfile(CrossOriginFilterIT.Local.class)
class CrossOriginFilterIT {

    /** As the local mode configures a service. */
    public static final class Local implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "loupe.http.allowed-hosts", "localhost,127.0.0.1,[::1]",
                    "loupe.http.allowed-origins", "https://console.example.org");
        }
    }

    private static final String NOTE = "{\"text\":\"from a page\"}";

    @TestHTTPResource
    URI server;

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "POST, 127.0.0.1:PORT, -, -, 201",
                "POST, localhost:PORT, http://localhost:PORT, same-origin, 201",
                "POST, [::1]:PORT, http://[::1]:PORT, same-origin, 201",
                "POST, LOCALHOST, http://localhost, -, 201",
                "POST, 127.0.0.1:PORT, https://console.example.org, cross-site, 201",
                "POST, 127.0.0.1:PORT, https://evil.example, cross-site, 403",
                "POST, 127.0.0.1:PORT, http://127.0.0.1:1, same-site, 403",
                "POST, 127.0.0.1:PORT, null, cross-site, 403",
                "POST, 127.0.0.1:PORT, -, cross-site, 403",
                "POST, rebound.example:PORT, http://rebound.example:PORT, same-origin, 403",
                "POST, 127.0.0.1.rebound.example, -, -, 403",
                "GET, rebound.example:PORT, -, -, 403",
                "GET, 127.0.0.1:PORT, https://evil.example, cross-site, 200"
            })
    void refusesForeignOriginsAndHosts(String method, String host, String origin, String site, int status)
            throws Exception {
        String answer = ask(method, "/notes", host, origin, site, "application/json");

        assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
        if (status == 403) {
            assertTrue(answer.contains("application/problem+json"), answer);
            assertTrue(answer.contains("\"code\":\"ORIGIN_REFUSED\""), answer);
        }
    }

    @Test
    void refusesAFormOfAnotherOriginOfAnyContentType() throws Exception {
        for (String type : new String[] {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"}) {
            String answer = ask("POST", "/notes", "127.0.0.1:PORT", "https://evil.example", "cross-site", type);
            assertTrue(answer.startsWith("HTTP/1.1 403 "), answer);
        }
    }

    @Test
    void answersProbesForAnyHost() throws Exception {
        String answer = ask("GET", "/q/health/live", "10.1.2.3:PORT", null, null, "text/plain");

        assertEquals("HTTP/1.1 200 OK", answer.lines().findFirst().orElseThrow());
    }

    private String ask(String method, String path, String host, String origin, String site, String type)
            throws Exception {
        String port = Integer.toString(server.getPort());
        StringBuilder request = new StringBuilder(
                method + " " + path + " HTTP/1.1\r\nHost: " + host.replace("PORT", port) + "\r\nConnection: close\r\n");
        if (origin != null) {
            request.append("Origin: ").append(origin.replace("PORT", port)).append("\r\n");
        }
        if (site != null) {
            request.append("Sec-Fetch-Site: ").append(site).append("\r\n");
        }
        String body = method.equals("POST") ? NOTE : "";
        request.append("Content-Type: ").append(type).append("\r\nContent-Length: ");
        request.append(body.length()).append("\r\n\r\n").append(body);
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
