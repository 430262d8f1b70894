package dev.loupe.training.extension;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.nullValue;

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
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
@QuarkusTestResource(TrainerProcessResource.class)
class ExtensionIT {
    @Inject
    ObjectStore store;

    @Inject
    StorageConfig storage;

    @Inject
    ObjectMapper json;

    private DatasetVersionFrozen first;

    /** A project whose version 1 has the images 1 (TRAIN), 2 (DEV) and 3 (TEST), and whose version 2 has further ones. */
    private String project(Task task) throws IOException {
        first = freeze(
                Scene.version(task),
                1,
                image(1, "normal", Split.TRAIN),
                image(2, "normal", Split.DEV),
                image(3, "normal", Split.TEST));
        freeze(
                Scene.version(task).setProjectId(first.getProjectId()).setProjectName(first.getProjectName()),
                2,
                image(1, "normal", Split.TRAIN),
                image(2, "normal", Split.TRAIN),
                image(3, "normal", Split.TEST),
                image(4, "normal", Split.TRAIN),
                image(5, "abnormal", Split.TRAIN),
                image(6, "normal", Split.TEST),
                image(7, "normal", Split.TRAIN));
        return first.getProjectName();
    }

    private DatasetVersionFrozen freeze(DatasetVersionFrozen.Builder version, int number, Entry... images)
            throws IOException {
        byte[] manifest = json.writeValueAsBytes(new DatasetManifest(
                1,
                version.getProjectId(),
                version.getProjectName(),
                dev.loupe.contracts.Task.valueOf(version.getTask().name()),
                version.getDatasetVersionId(),
                number,
                1,
                storage.bucket(),
                List.of("normal", "abnormal"),
                version.getTestDigest(),
                List.of(images)));
        String key = "projects/" + version.getProjectId() + "/versions/" + number + "/manifest.json";
        store.put(new ObjectLocation(storage.bucket(), key), manifest, "application/json");
        DatasetVersionFrozen event = version.setNumber(number)
                .setManifest(ObjectRef.newBuilder()
                        .setBucket(storage.bucket())
                        .setKey(key)
                        .setSha256(Sha256.of(manifest)))
                .build();
        Scene.freeze(event);
        await().atMost(Duration.ofMinutes(1)).until(() -> given().contentType(ContentType.JSON)
                .body(Map.of(
                        "project",
                        version.getProjectName(),
                        "datasetVersion",
                        number,
                        "recipe",
                        Map.of("name", "none")))
                .post("/api/v1/runs")
                .path("code")
                .equals("RECIPE_NOT_FOUND"));
        return event;
    }

    private static String digest(int number) {
        return Integer.toString(number).repeat(64);
    }

    private static Entry image(int number, String label, Split split) {
        String sha256 = digest(number);
        return new Entry(sha256, "images/" + sha256, 1, number + ".png", label, split, 1, 1, null, null);
    }

    private String trained(String project, String recipe, long seed) {
        String id = given().contentType(ContentType.JSON)
                .body(Map.of("project", project, "datasetVersion", 1, "recipe", Map.of("name", recipe), "seed", seed))
                .post("/api/v1/runs")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
        if (seed == FakeTrainer.HOLD) {
            release(id);
        }
        Scene.awaitState(id, "SUCCEEDED");
        return id;
    }

    private static void release(String run) {
        Scene.awaitState(run, "RUNNING");
        try {
            Files.createFile(Scene.folder(run, 1).resolve("go"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Response request(String run, Map<String, ?> body) {
        return given().contentType(ContentType.JSON)
                .header("X-Loupe-Actor", "anna")
                .body(body)
                .post("/api/v1/runs/{run}/extensions", run);
    }

    private static void refused(Response response, String why) {
        response.then().statusCode(422).body("code", equalTo("EXTENSION_INVALID"), "detail", containsString(why));
    }

    @Test
    void modelIsExtendedByTheImagesThatItHasNotLearnedFrom() throws IOException {
        String run = trained(project(Task.ANOMALY_DETECTION), "patchcore", FakeTrainer.SUCCEED);
        Response accepted = request(run, Map.of());
        String extension = accepted.then()
                .statusCode(202)
                .header("Location", endsWith("/api/v1/runs/" + accepted.path("id")))
                .body("kind", equalTo("EXTENSION"), "register", equalTo(true), "datasetVersion", equalTo(1))
                .body("recipe.name", equalTo("patchcore"), "seed", equalTo(1), "model", nullValue())
                .body("extendedModel.run", equalTo(run), "extendedModel.imagesVersion", equalTo(2))
                .body("extendedModel.images", equalTo(2))
                .extract()
                .path("id");
        Scene.awaitState(extension, "SUCCEEDED");
        given().get("/api/v1/runs?kind=EXTENSION&project=" + first.getProjectName())
                .then()
                .body("items.id", hasItem(extension));

        refused(request(extension, Map.of()), "got none");
        refused(request(extension, Map.of("images", List.of(digest(4)))), "learned from it already");
        freeze(
                Scene.version(Task.ANOMALY_DETECTION)
                        .setProjectId(first.getProjectId())
                        .setProjectName(first.getProjectName()),
                3,
                image(4, "normal", Split.TEST),
                image(8, "normal", Split.TEST));
        given().contentType(ContentType.JSON)
                .body(Map.of("run", extension, "datasetVersion", 3))
                .post("/api/v1/evaluations")
                .then()
                .statusCode(202)
                .body("knownImages", equalTo(1));
    }

    @Test
    void modelIsExtendedByTheNamedImages() throws IOException {
        String run = trained(project(Task.ANOMALY_DETECTION), "patchcore", FakeTrainer.SUCCEED);
        request(run, Map.of("images", List.of(digest(7), digest(7)), "datasetVersion", 2))
                .then()
                .statusCode(202)
                .body("extendedModel.images", equalTo(1));
    }

    @Test
    void imagesThatItMustNotLearnFromAreRefused() throws IOException {
        String run = trained(project(Task.ANOMALY_DETECTION), "patchcore", FakeTrainer.SUCCEED);
        refused(request(run, Map.of("images", List.of(digest(1)))), "learned from it already");
        refused(request(run, Map.of("images", List.of(digest(2)))), "in DEV of dataset version 1");
        refused(request(run, Map.of("images", List.of(digest(6)))), "is normal and in TEST");
        refused(request(run, Map.of("images", List.of(digest(5)))), "is abnormal and in TRAIN");
        refused(request(run, Map.of("images", List.of(digest(9)))), "expected an image of dataset version 2");
        refused(request(run, Map.of("datasetVersion", 1)), "got none");
    }

    @Test
    void requestsThatMakeNoSenseAreRefused() throws IOException {
        String gaussian = trained(project(Task.ANOMALY_DETECTION), "gaussian", FakeTrainer.SUCCEED);
        refused(request(gaussian, Map.of()), "recipe 'gaussian'");
        String failed = Scene.submit(first.getProjectName(), Map.of("name", "patchcore"), FakeTrainer.FAIL, null)
                .path("id");
        Scene.awaitState(failed, "FAILED");
        refused(request(failed, Map.of()), "that is FAILED");
        String run = trained(first.getProjectName(), "patchcore", FakeTrainer.SUCCEED);
        request(run, Map.of("datasetVersion", 3))
                .then()
                .statusCode(404)
                .body("code", equalTo("DATASET_VERSION_NOT_FOUND"));
        request(UUID.randomUUID().toString(), Map.of()).then().statusCode(404).body("code", equalTo("RUN_NOT_FOUND"));
        for (Map<String, ?> body : List.of(
                Map.of("images", List.of()),
                Map.of("images", List.of("no digest")),
                Map.of("datasetVersion", 0),
                Map.of("priority", 101))) {
            request(run, body).then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        }
    }

    @Test
    void whatAnExtensionNeedsStaysUntilItHasEnded() throws IOException {
        String run = trained(project(Task.ANOMALY_DETECTION), "patchcore", FakeTrainer.HOLD);
        String extension =
                request(run, Map.of()).then().statusCode(202).extract().path("id");
        Scene.awaitState(extension, "RUNNING");
        given().delete("/api/v1/dataset-versions/{project}/{number}", first.getProjectName(), 2)
                .then()
                .statusCode(409)
                .body("code", equalTo("DATASET_VERSION_IN_USE"), "detail", containsString(extension));
        release(extension);
        Scene.awaitState(extension, "SUCCEEDED");
    }
}
