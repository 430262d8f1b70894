package dev.loupe.training.backbone;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.events.v1.Task;
import dev.loupe.model.backbone.BackboneValidationProcess;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.training.Networks;
import dev.loupe.training.Scene;
import dev.loupe.training.TrainerProcessResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
@QuarkusTestResource(TrainerProcessResource.class)
class BackboneIT {
    private static byte[] network;

    @Inject
    ObjectStore store;

    @Inject
    StorageConfig storage;

    @BeforeAll
    static void writeANetwork() {
        network = Networks.mapsAndPooled(16);
    }

    @Test
    void aNetworkIsTriedKeptAndNamedByRecipes() {
        String name = name();
        post("?name=" + name + "&scale=127.5&mean=1,1,1&std=1,1,1", network)
                .then()
                .statusCode(201)
                .body("sha256", equalTo(Sha256.of(network)), "size", equalTo(network.length), "scale", equalTo(127.5f))
                .body("pooled.channels", equalTo(16), "featureMaps[0].stride", equalTo(8));

        assertEquals(
                network.length,
                store.read(new ObjectLocation(storage.bucket(), "backbones/" + Sha256.of(network) + ".onnx")).length);
        given().get("/api/v1/backbones?limit=1000").then().body("items.name", hasItems("scattering", "random", name));
        given().get("/api/v1/backbones/" + name).then().body("mean", equalTo(java.util.List.of(1f, 1f, 1f)));
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        for (String backbone : java.util.List.of(name, "random:" + name)) {
            Scene.submit(project, Map.of("name", "transfer", "parameters", Map.of("backbone", backbone)), 1, false)
                    .then()
                    .statusCode(202)
                    .body("recipe.parameters.backbone", equalTo(backbone));
        }
    }

    @Test
    void aNameNeverComesToMeanAnotherFile() {
        String name = name();
        post("?name=" + name, network).then().statusCode(201);
        post("?name=" + name, network).then().statusCode(201).body("name", equalTo(name));
        post("?name=" + name + "&scale=1", network).then().statusCode(409).body("code", equalTo("BACKBONE_EXISTS"));
        post("?name=" + name, Networks.mapsAndPooled(17)).then().statusCode(409);
    }

    @Test
    void whatIsNoBackboneIsRefusedWithTheReason() {
        for (byte[] file : new byte[][] {{}, "<html>".getBytes(), Arrays.copyOf(network, network.length / 2)}) {
            post("?name=" + name(), file)
                    .then()
                    .statusCode(422)
                    .body("code", equalTo("BACKBONE_INVALID"), "detail", containsString("backbone"));
        }
    }

    @Test
    void whatAsksForTooMuchIsRefusedAndTheNextGoodOneIsTaken() {
        for (byte[] file : new byte[][] {Networks.largeIntermediate(), Networks.largeInput(), Networks.endless()}) {
            String name = name();
            post("?name=" + name, file)
                    .then()
                    .statusCode(422)
                    .body("code", equalTo("BACKBONE_INVALID"), "detail", containsString(name));
        }
        post("?name=" + name(), Networks.modest()).then().statusCode(201).body("featureMaps[0].stride", equalTo(2));
    }

    /** The client is told before it has sent the file, and what has no length is counted. */
    @Test
    void aFileBeyondTheLimitIsRefused() throws IOException {
        String head = "POST /api/v1/backbones?name=" + name() + " HTTP/1.1\r\nHost: x\r\n"
                + "Content-Type: application/octet-stream\r\n";
        try (Socket client = connect()) {
            write(client, head + "Content-Length: 470000000\r\n\r\n");
            client.setSoTimeout(10_000);
            String answer = new String(client.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            assertEquals("HTTP/1.1 413", answer);
        }
        try (Socket client = connect()) {
            write(client, head + "Transfer-Encoding: chunked\r\n\r\n");
            byte[] chunk = new byte[1 << 20];
            try {
                for (int i = 0; i < 300; i++) {
                    write(client, "100000\r\n");
                    client.getOutputStream().write(chunk);
                    write(client, "\r\n");
                }
            } catch (IOException _) {
                // closed by the server, which has answered
            }
        }
        await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> assertNoImportGoesOn());
    }

    @Test
    void anImportEndsWithItsClient() throws IOException {
        byte[] file = Networks.slow();
        try (Socket client = connect()) {
            write(
                    client,
                    "POST /api/v1/backbones?name=" + name() + " HTTP/1.1\r\nHost: x\r\n"
                            + "Content-Type: application/octet-stream\r\nContent-Length: " + file.length + "\r\n\r\n");
            client.getOutputStream().write(file);
            await().atMost(Duration.ofMinutes(2)).until(BackboneIT::aValidationRuns);
        }
        await().atMost(Duration.ofMinutes(2)).until(() -> !aValidationRuns());
        await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> assertNoImportGoesOn());
    }

    private static Socket connect() throws IOException {
        return new Socket("127.0.0.1", RestAssured.port);
    }

    private static void write(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static boolean aValidationRuns() {
        return ProcessHandle.current()
                .descendants()
                .anyMatch(process ->
                        process.info().commandLine().orElse("").contains(BackboneValidationProcess.class.getName()));
    }

    private static void assertNoImportGoesOn() throws IOException {
        Path own = Path.of(
                System.getProperty("java.io.tmpdir"),
                "loupe-backbones",
                Long.toString(ProcessHandle.current().pid()));
        try (Stream<Path> imports = Files.list(own)) {
            assertEquals(0, imports.count());
        }
    }

    @Test
    void aRequestThatMakesNoSenseIsABadOne() {
        for (String query : new String[] {
            "",
            "?name=",
            "?name=UPPER",
            "?name=../x",
            "?name=scattering",
            "?name=random:x",
            "?name=a&scale=0",
            "?name=a&scale=x",
            "?name=a&mean=1,2",
            "?name=a&std=0,1,1",
            "?name=a&std=NaN,1,1"
        }) {
            Response answer = post(query, network);
            assertEquals(400, answer.statusCode(), query);
            assertEquals("INVALID_REQUEST", answer.path("code"), query);
        }
        given().contentType("text/plain")
                .body("x")
                .post("/api/v1/backbones?name=a")
                .then()
                .statusCode(415);
        given().get("/api/v1/backbones/unknown").then().statusCode(404).body("code", equalTo("BACKBONE_NOT_FOUND"));
        given().get("/api/v1/backbones?cursor=***").then().statusCode(400);
    }

    private static String name() {
        return "b-" + UUID.randomUUID();
    }

    private static Response post(String query, byte[] body) {
        return given().contentType("application/octet-stream").body(body).post("/api/v1/backbones" + query);
    }
}
