package dev.loupe.inference;

import static dev.loupe.inference.TestClient.PATIENCE;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.testing.DevstackTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class WebhookIT {
    private static final String SECRET = "a secret of twenty b";

    @Inject
    TestClient client;

    @Inject
    ObjectMapper json;

    @TempDir
    Path folder;

    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final AtomicInteger failures = new AtomicInteger();
    private HttpServer receiver;

    private record Received(String signature, String body) {}

    @BeforeEach
    void start() throws IOException {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/hook", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            received.add(new Received(exchange.getRequestHeaders().getFirst("X-Loupe-Signature"), body));
            exchange.sendResponseHeaders(failures.getAndDecrement() > 0 ? 503 : 204, -1);
            exchange.close();
        });
        receiver.start();
    }

    @AfterEach
    void stop() {
        receiver.stop(0);
    }

    private Project project(int versions) {
        Project project = Project.of(Task.CLASSIFICATION);
        for (int n = 1; n <= versions; n++) {
            client.publish(
                    project,
                    n,
                    "READY",
                    SmallModels.classifier(folder.resolve(project.name() + "-" + n), n, List.of("red", "blue")),
                    0.9);
        }
        return project;
    }

    private static Response set(Project project, String url) {
        return given().contentType(ContentType.JSON)
                .header("X-Loupe-Actor", "anna")
                .body(Map.of("url", url, "secret", SECRET))
                .put("/api/v1/models/{p}/webhook", project.name());
    }

    private String url() {
        return "http://127.0.0.1:" + receiver.getAddress().getPort() + "/hook?a=b";
    }

    @Test
    void movesAreSentWithASignatureAndRetried() throws Exception {
        Project project = project(1);
        failures.set(1);
        set(project, url()).then().statusCode(200).body("url", equalTo(url()));
        client.promote(project, "production", Map.of("version", 1, "reason", "first"))
                .then()
                .statusCode(200);
        await().atMost(PATIENCE).until(() -> received.size() == 2);

        JsonNode body = json.readTree(received.getLast().body());
        assertEquals("alias-moved", body.path("type").asText());
        assertEquals(project.name(), body.path("project").asText());
        assertEquals(1, body.at("/move/version").asInt());
        assertEquals("first", body.at("/move/reason").asText());
        String[] signature = received.getLast().signature().split(",v1=");
        assertEquals(hmac(signature[0].substring(2) + "." + received.getLast().body()), signature[1]);
        await().atMost(PATIENCE).untilAsserted(() -> deliveries(project)
                .then()
                .body("items.state", equalTo(List.of("DELIVERED")), "items[0].attempts", equalTo(2))
                .body("items[0].status", equalTo(204)));
    }

    @Test
    void rolloutsAreAnnounced() throws Exception {
        Project project = project(2);
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        set(project, url()).then().statusCode(200);
        given().contentType(ContentType.JSON)
                .body(Map.of("candidate", 2, "plan", Map.of("steps", List.of(20, 100), "bakeSeconds", 3600)))
                .put("/api/v1/models/{p}/aliases/production/canary/rollout", project.name())
                .then()
                .statusCode(200);
        given().contentType(ContentType.JSON)
                .body(Map.of("reason", "enough"))
                .post("/api/v1/models/{p}/aliases/production/canary/abort", project.name())
                .then()
                .statusCode(200);
        await().atMost(PATIENCE).until(() -> received.size() == 2);

        List<String> states = new ArrayList<>();
        for (Received one : received) {
            JsonNode body = json.readTree(one.body());
            assertEquals("rollout-changed", body.path("type").asText());
            assertEquals("production", body.at("/rollout/alias").asText());
            assertEquals(2, body.at("/rollout/candidate").asInt());
            states.add(body.at("/rollout/state").asText());
            String[] signature = one.signature().split(",v1=");
            assertEquals(hmac(signature[0].substring(2) + "." + one.body()), signature[1]);
        }
        assertEquals(List.of("RUNNING", "STOPPED"), states);
    }

    private static String hmac(String text) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static Response deliveries(Project project) {
        return given().get("/api/v1/models/{p}/webhook/deliveries", project.name());
    }

    @Test
    void aDeliveryFailsAfterItsLastAttempt() {
        Project project = project(1);
        failures.set(100);
        set(project, url()).then().statusCode(200);
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        await().atMost(PATIENCE).untilAsserted(() -> deliveries(project)
                .then()
                .body("items.state", equalTo(List.of("FAILED")), "items[0].attempts", equalTo(3))
                .body("items[0].status", equalTo(503), "items[0].error", containsString("got 503")));
    }

    @Test
    void theSecretIsNeverReturned() {
        Project project = project(1);
        given().get("/api/v1/models/{p}/webhook", project.name())
                .then()
                .statusCode(404)
                .body("code", equalTo("WEBHOOK_NOT_FOUND"));
        set(project, url()).then().statusCode(200).body(not(containsString(SECRET)));
        given().get("/api/v1/models/{p}/webhook", project.name())
                .then()
                .statusCode(200)
                .body("actor", equalTo("anna"))
                .body(not(containsString(SECRET)));
        given().delete("/api/v1/models/{p}/webhook", project.name()).then().statusCode(204);
        given().delete("/api/v1/models/{p}/webhook", project.name()).then().statusCode(404);
    }

    @Test
    void aTestSaysHowItWent() {
        Project project = project(1);
        set(project, url()).then().statusCode(200);
        given().post("/api/v1/models/{p}/webhook/test", project.name())
                .then()
                .statusCode(200)
                .body("state", equalTo("DELIVERED"), "status", equalTo(204), "attempts", equalTo(1));
        receiver.stop(0);
        given().post("/api/v1/models/{p}/webhook/test", project.name())
                .then()
                .statusCode(200)
                .body("state", equalTo("FAILED"), "error", containsString("no response"));
    }

    @Test
    void namesTheInvalidFieldOfAWebhook() {
        Project project = project(1);
        set(project, "file:///etc/passwd").then().statusCode(422).body("code", equalTo("WEBHOOK_REFUSED"));
        given().contentType(ContentType.JSON)
                .body(Map.of("url", url(), "secret", "short"))
                .put("/api/v1/models/{p}/webhook", project.name())
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"), "detail", containsString("16 to 200"))
                .body("detail", not(containsString("short")));
    }
}
