package dev.loupe.training.trainerapi;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.Split;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.dataset.DatasetManifest.Entry;
import dev.loupe.events.v1.DatasetVersionFrozen;
import dev.loupe.events.v1.ObjectRef;
import dev.loupe.events.v1.Task;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.training.FakeTrainer;
import dev.loupe.training.Scene;
import dev.loupe.training.TrainerProcessResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
@QuarkusTestResource(TrainerProcessResource.class)
class ObjectAccessIT {
    private static final byte[] IMAGE = "an image".getBytes(StandardCharsets.UTF_8);

    @Inject
    Jdbi jdbi;

    @Inject
    ObjectStore store;

    @Inject
    StorageConfig storage;

    @Inject
    ObjectMapper json;

    private static final String MASK_KEY = "images/cd/" + "cd".repeat(32);

    private final HttpClient http = HttpClient.newHttpClient();
    private String manifestKey;
    private String imageKey;
    private String run;
    private String token;

    /** A run whose trainer goes on, on a dataset version of one image. */
    @BeforeEach
    void startARun() throws Exception {
        String sha256 = Sha256.of(IMAGE);
        imageKey = "images/" + sha256.substring(0, 2) + "/" + sha256;
        store.put(new ObjectLocation(storage.bucket(), imageKey), IMAGE, "image/png");
        store.put(new ObjectLocation(storage.bucket(), MASK_KEY), IMAGE, "image/png");
        DatasetVersionFrozen.Builder version = Scene.version(Task.CLASSIFICATION);
        manifestKey = version.getManifest().getKey();
        byte[] manifest = json.writeValueAsBytes(new DatasetManifest(
                1,
                version.getProjectId(),
                version.getProjectName(),
                dev.loupe.contracts.Task.CLASSIFICATION,
                version.getDatasetVersionId(),
                1,
                1,
                storage.bucket(),
                List.of("a", "b"),
                version.getTestDigest(),
                List.of(new Entry(sha256, imageKey, IMAGE.length, "a.png", "a", Split.TRAIN, 1, 1, null, MASK_KEY))));
        store.put(new ObjectLocation(storage.bucket(), manifestKey), manifest, "application/json");
        version.setManifest(ObjectRef.newBuilder(version.getManifest())
                .setBucket(storage.bucket())
                .setSha256(Sha256.of(manifest)));
        Scene.send(
                UUID.randomUUID().toString(),
                "dev.loupe.dataset-version-frozen.v1",
                version.build().toByteArray());
        org.awaitility.Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> Scene.knows(version.getProjectName()));
        run = Scene.run(version.getProjectName(), FakeTrainer.HOLD);
        Scene.awaitState(run, "RUNNING");
        token = token(run);
    }

    @AfterEach
    void cancelIt() {
        given().post("/api/v1/runs/" + run + "/cancel");
    }

    @Test
    void aTrainerReadsItsInputsAndWritesItsOutputsWithoutAnAccount() throws Exception {
        List<String> addresses = ask(List.of(
                        asked("READ", manifestKey),
                        asked("READ", imageKey),
                        asked("WRITE", own("package/model.onnx")),
                        asked("READ", MASK_KEY)))
                .then()
                .statusCode(200)
                .extract()
                .path("addresses");
        assertEquals(200, get(addresses.get(0)).statusCode());
        assertArrayEquals(IMAGE, get(addresses.get(1)).body());
        assertArrayEquals(IMAGE, get(addresses.get(3)).body());
        assertEquals(200, put(addresses.get(2), new byte[] {1, 2, 3}));
        assertArrayEquals(
                new byte[] {1, 2, 3}, store.read(new ObjectLocation(storage.bucket(), own("package/model.onnx"))));

        // Each is good for one object and one thing.
        assertEquals(403, put(addresses.get(1), new byte[1]));
        assertEquals(403, get(addresses.get(1).replace(imageKey, manifestKey)).statusCode());
        assertArrayEquals(IMAGE, store.read(new ObjectLocation(storage.bucket(), imageKey)));
    }

    @Test
    void aTrainerListsAndRemovesItsCheckpoints() throws Exception {
        String key = own("checkpoints/manifests/000001.json");
        String address = ask(List.of(asked("WRITE", key)))
                .then()
                .statusCode(200)
                .extract()
                .path("addresses[0]");
        assertEquals(200, put(address, new byte[5]));

        list(own("checkpoints/manifests/"))
                .then()
                .statusCode(200)
                .body("items.key", contains(key), "items[0].size", equalTo(5));
        delete(key).then().statusCode(204);
        list(own("checkpoints/")).then().statusCode(200).body("items.size()", equalTo(0));
    }

    @Test
    void whatIsNotItsOwnIsRefused() {
        String other = "runs/" + UUID.randomUUID() + "/";
        String stranger = "images/ab/" + "ab".repeat(32);
        for (Map<String, String> asked : List.of(
                asked("READ", other + "checkpoints/1"),
                asked("WRITE", other + "package/model.onnx"),
                asked("READ", stranger),
                asked("READ", "backbones/" + "ab".repeat(32) + ".onnx"),
                asked("READ", own("package/model.onnx")),
                asked("READ", own("attempts/1/result.json")),
                asked("WRITE", own("attempts/2/result.json")),
                asked("WRITE", own("elsewhere")),
                asked("WRITE", imageKey),
                asked("WRITE", manifestKey),
                Map.of("access", "READ", "bucket", "another-bucket", "key", manifestKey))) {
            ask(List.of(asked))
                    .then()
                    .statusCode(403)
                    .body("code", equalTo("OBJECT_FORBIDDEN"), "detail", containsString(asked.get("key")));
        }
        ask(List.of(asked("WRITE", own("package/model.onnx")), asked("READ", stranger)))
                .then()
                .statusCode(403);
        list(other).then().statusCode(403);
        list("runs/").then().statusCode(403);
        list(own("")).then().statusCode(403);
        delete(own("package/model.onnx")).then().statusCode(403);
        delete(imageKey).then().statusCode(403);
    }

    @Test
    void evaluationReadsThePackageAndWritesResultsOnly() throws Exception {
        String trained = run;
        Files.createFile(Scene.folder(trained, 1).resolve("go"));
        Scene.awaitState(trained, "SUCCEEDED");
        run = given().contentType(ContentType.JSON)
                .body(Map.of("run", trained, "datasetVersion", 1))
                .post("/api/v1/evaluations")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
        Scene.awaitState(run, "RUNNING");
        token = token(run);

        String modelPackage = "runs/" + trained + "/package/";
        ask(List.of(
                        asked("READ", manifestKey),
                        asked("READ", imageKey),
                        asked("READ", modelPackage + "manifest.json"),
                        asked("READ", modelPackage + "model.onnx"),
                        asked("WRITE", own("attempts/1/evaluation.json"))))
                .then()
                .statusCode(200);
        for (Map<String, String> asked : List.of(
                asked("WRITE", modelPackage + "model.onnx"),
                asked("READ", "runs/" + trained + "/checkpoints/1"),
                asked("READ", "runs/" + UUID.randomUUID() + "/package/manifest.json"),
                asked("WRITE", own("package/model.onnx")),
                asked("WRITE", own("checkpoints/1")))) {
            ask(List.of(asked)).then().statusCode(403).body("code", equalTo("OBJECT_FORBIDDEN"));
        }
    }

    @Test
    void whatIsNoKeyIsRefused() {
        for (String key : List.of(own("checkpoints/../../x"), own("package/.."), "/" + own("package/x"), "")) {
            ask(List.of(asked("WRITE", key))).then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        }
        ask(List.of(Map.of("bucket", storage.bucket(), "key", imageKey))).then().statusCode(400);
        ask(Collections.nCopies(1001, asked("READ", imageKey)))
                .then()
                .statusCode(400)
                .body("detail", containsString("1000"));
    }

    @Test
    void whoHasNoTokenOrOneThatIsOverGetsNothing() {
        List<Map<String, String>> requests = List.of(asked("READ", imageKey));
        String mine = token;
        token = "wrong";
        ask(requests).then().statusCode(401);
        list(own("checkpoints/")).then().statusCode(401);
        delete(own("checkpoints/1")).then().statusCode(401);
        token = mine;
        given().post("/api/v1/runs/" + run + "/cancel").then().statusCode(200);
        ask(requests).then().statusCode(410).body("code", equalTo("ATTEMPT_OVER"));
        list(own("checkpoints/")).then().statusCode(410);
        delete(own("checkpoints/1")).then().statusCode(410);
    }

    private String own(String name) {
        return "runs/" + run + "/" + name;
    }

    private Map<String, String> asked(String access, String key) {
        return Map.of("access", access, "bucket", storage.bucket(), "key", key);
    }

    private String path() {
        return "/internal/runs/" + run + "/attempts/1/objects";
    }

    private Response ask(List<Map<String, String>> requests) {
        return given().contentType(ContentType.JSON)
                .header("Authorization", "Bearer " + token)
                .body(Map.of("objects", requests))
                .post(path());
    }

    private Response list(String prefix) {
        return given().header("Authorization", "Bearer " + token)
                .queryParam("bucket", storage.bucket())
                .queryParam("prefix", prefix)
                .get(path());
    }

    private Response delete(String key) {
        return given().header("Authorization", "Bearer " + token)
                .queryParam("bucket", storage.bucket())
                .queryParam("key", key)
                .delete(path());
    }

    private HttpResponse<byte[]> get(String address) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofByteArray());
    }

    private int put(String address, byte[] body) throws Exception {
        return http.send(
                        HttpRequest.newBuilder(URI.create(address))
                                .PUT(BodyPublishers.ofByteArray(body))
                                .build(),
                        BodyHandlers.discarding())
                .statusCode();
    }

    private String token(String of) {
        return jdbi.withHandle(handle -> handle.createQuery("select token from attempt where run_id = :run::uuid")
                .bind("run", of)
                .mapTo(String.class)
                .one());
    }
}
