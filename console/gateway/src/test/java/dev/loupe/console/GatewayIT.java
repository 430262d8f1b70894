package dev.loupe.console;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The gateway in front of a server that stands in for two services, and of a third that is not there. */
@QuarkusTest
@QuarkusTestResource(value = StandInServices.class, restrictToAnnotatedClass = true)
class GatewayIT {
    private static final long MEBIBYTE = 1 << 20;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TestHTTPResource
    private URI gateway;

    @AfterAll
    static void close() {
        HTTP.shutdownNow();
    }

    @Test
    void uploadArrivesAsItWasSent() throws Exception {
        Body body = new Body(64 * MEBIBYTE);

        HttpResponse<String> answer = HTTP.send(upload("a", body), HttpResponse.BodyHandlers.ofString());

        assertEquals(200, answer.statusCode());
        assertEquals(body.sha256(), answer.body());
    }

    @Test
    void uploadWaitsForAServiceThatDoesNotRead() throws Exception {
        Body body = new Body(128 * MEBIBYTE);
        CompletableFuture<HttpResponse<String>> answer =
                HTTP.sendAsync(upload("slow", body), HttpResponse.BodyHandlers.ofString());

        AtomicLong before = new AtomicLong(-1);
        await().pollInterval(Duration.ofMillis(300))
                .until(() -> body.sent() > 0 && before.getAndSet(body.sent()) == body.sent());
        assertTrue(body.sent() < 64 * MEBIBYTE, "only what fits in buffers was taken: " + body.sent());

        StandInServices.READING.countDown();
        String received = answer.get(1, TimeUnit.MINUTES).body();
        assertEquals(body.sha256(), received);
    }

    @Test
    void cancelledUploadIsCancelledAtTheService() throws Exception {
        Body body = new Body(Long.MAX_VALUE);
        HttpClient client = HttpClient.newHttpClient();
        client.sendAsync(upload("a", body), HttpResponse.BodyHandlers.ofString());
        await().atMost(Duration.ofMinutes(2)).until(() -> body.sent() > MEBIBYTE);

        client.shutdownNow();

        assertTrue(StandInServices.UPLOAD_CANCELLED.await(10, TimeUnit.SECONDS));
    }

    @Test
    void refusalOfAnUploadReachesTheClient() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(gateway.resolve("/api/v1/projects/full/images"))
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[1000]))
                .build();

        HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());

        assertEquals(413, answer.statusCode());
        assertTrue(answer.body().contains("IMAGE_TOO_LARGE"), answer.body());
    }

    @Test
    void eventsArriveOneByOneUntilTheReaderGoes() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        HttpResponse<InputStream> answer = client.send(
                HttpRequest.newBuilder(gateway.resolve("/api/v1/runs/1/events")).build(),
                HttpResponse.BodyHandlers.ofInputStream());
        assertEquals(
                "text/event-stream", answer.headers().firstValue("Content-Type").orElseThrow());
        BufferedReader lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
        assertEquals("event: run", lines.readLine());
        assertEquals("data: 0", lines.readLine());

        client.shutdownNow();

        assertTrue(StandInServices.READER_GONE.await(10, TimeUnit.SECONDS));
    }

    @Test
    void hostAndOriginStayThoseOfTheBrowser() {
        String origin = "http://" + gateway.getAuthority();
        given().header("Origin", origin)
                .when()
                .get("/api/v1/projects/who")
                .then()
                .body(equalTo(gateway.getAuthority() + " " + origin));
    }

    @Test
    void rangesPassThrough() {
        given().header("Range", "bytes=2-4")
                .when()
                .get("/api/v1/projects/range")
                .then()
                .statusCode(206)
                .header("Content-Range", "bytes 2-4/10")
                .body(equalTo("bytes=2-4"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/models", "/v2", "/v2/models/steel-strip"})
    void serviceThatIsNotThereIsAProblem(String path) {
        given().header("Accept", "text/html")
                .when()
                .get(path)
                .then()
                .statusCode(503)
                .contentType(Problem.MEDIA_TYPE)
                .header("Retry-After", "1")
                .body("code", is("SERVICE_UNAVAILABLE"), "retryable", is(true), "status", is(503));
    }

    @Test
    void serviceThatEndsTheConnectionIsAProblem() {
        given().when()
                .get("/api/v1/runs/broken")
                .then()
                .statusCode(502)
                .contentType(Problem.MEDIA_TYPE)
                .body("code", is("SERVICE_INTERRUPTED"), "detail", containsString("training-service"));
    }

    @Test
    void unknownPathOfTheApiIsAProblem() {
        given().header("Accept", "text/html")
                .when()
                .get("/api/v1/unknown")
                .then()
                .statusCode(404)
                .contentType(Problem.MEDIA_TYPE);
    }

    @Test
    void healthOfTheServicesIsTold() {
        given().when()
                .get("/api/v1/services")
                .then()
                .statusCode(200)
                .body("items.name", is(java.util.List.of("dataset-service", "training-service", "inference-service")))
                .body("items.state", is(java.util.List.of("READY", "READY", "UNREACHABLE")))
                .body("version", not(""));
    }

    @Test
    void probesAnswer() {
        given().when().get("/q/health/ready").then().statusCode(200);
        given().when().get("/q/health/live").then().statusCode(200);
    }

    private HttpRequest upload(String project, Body body) {
        return HttpRequest.newBuilder(gateway.resolve("/api/v1/projects/" + project + "/images"))
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> body))
                .build();
    }

    /** Bytes that are made while they are sent. */
    private static final class Body extends InputStream {
        private final long length;
        private final MessageDigest digest;
        private volatile long sent;

        Body(long length) throws Exception {
            this.length = length;
            this.digest = MessageDigest.getInstance("SHA-256");
        }

        long sent() {
            return sent;
        }

        String sha256() {
            return HexFormat.of().formatHex(digest.digest());
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException("read one by one");
        }

        @Override
        public int read(byte[] into, int offset, int most) {
            if (sent == length) {
                return -1;
            }
            int count = (int) Math.min(most, length - sent);
            for (int i = 0; i < count; i++) {
                into[offset + i] = (byte) ((sent + i) * 31 >> 3);
            }
            digest.update(into, offset, count);
            sent += count;
            return count;
        }
    }
}
