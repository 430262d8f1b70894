package dev.loupe.training.result;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.MessageLite;
import dev.loupe.contracts.Split;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.dataset.DatasetManifest.Entry;
import dev.loupe.events.v1.DatasetVersionFrozen;
import dev.loupe.events.v1.ModelVersionDeleted;
import dev.loupe.events.v1.ModelVersionRegistered;
import dev.loupe.events.v1.ObjectRef;
import dev.loupe.events.v1.Task;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import dev.loupe.storage.StoredObject;
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
class EvaluationIT {
    @Inject
    ObjectStore store;

    @Inject
    StorageConfig storage;

    @Inject
    ObjectMapper json;

    /** A frozen version of a new project, with a manifest. */
    private String freeze(Task task, List<String> classes, int testImages, Entry... images) throws IOException {
        DatasetVersionFrozen.Builder version = Scene.version(task).setTestImages(testImages);
        byte[] manifest = json.writeValueAsBytes(new DatasetManifest(
                1,
                version.getProjectId(),
                version.getProjectName(),
                dev.loupe.contracts.Task.valueOf(task.name()),
                version.getDatasetVersionId(),
                1,
                1,
                storage.bucket(),
                classes,
                version.getTestDigest(),
                List.of(images)));
        store.put(new ObjectLocation(storage.bucket(), version.getManifest().getKey()), manifest, "application/json");
        Scene.freeze(version.setManifest(ObjectRef.newBuilder(version.getManifest())
                        .setBucket(storage.bucket())
                        .setSha256(Sha256.of(manifest)))
                .build());
        return version.getProjectName();
    }

    private String classes() throws IOException {
        return freeze(Task.CLASSIFICATION, List.of("a", "b"), 4);
    }

    private static Entry image(int number, Split split) {
        String sha256 = Integer.toString(number).repeat(64);
        return new Entry(sha256, "images/" + sha256, 1, number + ".png", "a", split, 1, 1, null, null);
    }

    private static String trained(String project) {
        String run = Scene.run(project, FakeTrainer.SUCCEED);
        Scene.awaitState(run, "SUCCEEDED");
        return run;
    }

    private static void announce(String type, MessageLite event) {
        Scene.publish("loupe.models", UUID.randomUUID().toString(), type, event.toByteArray());
    }

    private static void register(String run, int version) {
        announce(
                "dev.loupe.model-version-registered.v1",
                ModelVersionRegistered.newBuilder()
                        .setRunId(run)
                        .setVersion(version)
                        .build());
        await().atMost(Duration.ofMinutes(2))
                .until(() -> Integer.valueOf(version).equals(Scene.get(run).path("modelVersion")));
    }

    private static Response request(Map<String, Object> body) {
        return given().contentType(ContentType.JSON).body(body).post("/api/v1/evaluations");
    }

    private static String requested(Map<String, Object> body) {
        return request(body).then().statusCode(202).extract().path("id");
    }

    private static Response evaluations(String query) {
        return given().get("/api/v1/evaluations" + query);
    }

    @Test
    void modelVersionIsEvaluatedOnceOnAVersionOfAnotherProject() throws IOException {
        String project = classes();
        String run = trained(project);
        register(run, 3);
        String elsewhere = classes();
        Map<String, Object> body =
                Map.of("project", project, "modelVersion", 3, "datasetProject", elsewhere, "datasetVersion", 1);

        Response queued = request(body);
        queued.then()
                .statusCode(202)
                .header("Location", endsWith("/api/v1/evaluations/" + queued.path("id")))
                .body("kind", equalTo("EVALUATION"), "project", equalTo(elsewhere), "datasetVersion", equalTo(1))
                .body("model.run", equalTo(run), "model.project", equalTo(project), "model.version", equalTo(3));
        String id = queued.path("id");
        request(body).then().statusCode(200).body("id", equalTo(id));
        Scene.awaitState(id, "SUCCEEDED");
        request(body).then().statusCode(200).body("id", equalTo(id), "state", equalTo("SUCCEEDED"));

        evaluations("/" + id)
                .then()
                .statusCode(200)
                .body("evaluation.model.runId", equalTo(run), "metrics.accuracy", equalTo(0.75f))
                .body("evaluation.report.metrics.accuracy.low", equalTo(0.5f), "model.version", equalTo(3));
        Scene.get(id)
                .then()
                .body("kind", equalTo("EVALUATION"), "register", equalTo(false), "priority", equalTo(10))
                .body("model.run", equalTo(run), "recipe.name", equalTo("transfer"), "modelVersion", nullValue());
        given().get("/api/v1/runs/{id}/results", id).then().statusCode(200).body("total", equalTo(4));
        given().get("/api/v1/runs/{id}/evaluation", id).then().statusCode(200);
    }

    @Test
    void evaluationsOfTrainingsAreListedToo() throws IOException {
        String project = classes();
        String first = trained(project);
        String second = trained(project);
        register(second, 2);
        String elsewhere = classes();
        String id = requested(Map.of("run", second, "datasetProject", elsewhere, "datasetVersion", 1));
        String other = requested(Map.of("run", first, "datasetProject", elsewhere, "datasetVersion", 1));
        Scene.awaitState(id, "SUCCEEDED");
        Scene.awaitState(other, "SUCCEEDED");

        evaluations("?project=" + elsewhere)
                .then()
                .statusCode(200)
                .body("items.id", equalTo(List.of(other, id)), "nextCursor", nullValue());
        Response page = evaluations("?project=" + elsewhere + "&limit=1");
        page.then().body("items.id", equalTo(List.of(other)));
        evaluations("?project=" + elsewhere + "&limit=1&cursor=" + page.path("nextCursor"))
                .then()
                .body("items.id", equalTo(List.of(id)), "nextCursor", nullValue());
        evaluations("?run=" + second)
                .then()
                .body(
                        "items.id",
                        equalTo(List.of(id, second)),
                        "items.kind",
                        equalTo(List.of("EVALUATION", "TRAINING")))
                .body("items.model.run", equalTo(List.of(second, second)));
        evaluations("?project=" + project + "&modelVersion=2&datasetVersion=1")
                .then()
                .body("items.id", equalTo(List.of(second)), "items[0].model.version", equalTo(2));
        evaluations("?project=" + project + "&datasetVersion=2").then().body("items", equalTo(List.of()));
        evaluations("?project=nosuch").then().statusCode(404).body("code", equalTo("PROJECT_NOT_FOUND"));
        evaluations("?modelVersion=2").then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        evaluations("/" + first).then().statusCode(200).body("kind", equalTo("TRAINING"));
        evaluations("/" + UUID.randomUUID()).then().statusCode(404).body("code", equalTo("RUN_NOT_FOUND"));

        given().get("/api/v1/runs?kind=EVALUATION&project=" + elsewhere)
                .then()
                .body("items.id", equalTo(List.of(other, id)));
        given().get("/api/v1/runs?kind=TRAINING&project=" + elsewhere).then().body("items.id", equalTo(List.of()));
        given().get("/api/v1/runs/{run}/comparison?with={other}", id, other)
                .then()
                .statusCode(200)
                .body("images", equalTo(4), "total", equalTo(0));
    }

    @Test
    void evaluationsThatMakeNoSenseAreRefused() throws IOException {
        String run = trained(classes());
        refused(run, freeze(Task.ANOMALY_DETECTION, List.of("normal", "abnormal"), 4), "expected the model's task");
        refused(run, freeze(Task.CLASSIFICATION, List.of("a", "b", "rust"), 4), "lacks 1 of this version: rust");
        refused(run, freeze(Task.CLASSIFICATION, List.of("a", "b"), 0), "expected TEST images");
        String subset = freeze(Task.CLASSIFICATION, List.of("a"), 4);
        String evaluation = requested(Map.of("run", run, "datasetProject", subset, "datasetVersion", 1));
        refused(evaluation, subset, "of kind EVALUATION");
        String failed = Scene.run(subset, FakeTrainer.FAIL);
        Scene.awaitState(failed, "FAILED");
        refused(failed, subset, "that is FAILED");

        request(Map.of("project", subset, "modelVersion", 9, "datasetVersion", 1))
                .then()
                .statusCode(404)
                .body("code", equalTo("MODEL_VERSION_NOT_FOUND"));
        request(Map.of("run", run, "datasetVersion", 9))
                .then()
                .statusCode(404)
                .body("code", equalTo("DATASET_VERSION_NOT_FOUND"));
        for (Map<String, Object> body : List.<Map<String, Object>>of(
                Map.of("datasetVersion", 1),
                Map.of("run", run),
                Map.of("run", run, "project", subset, "modelVersion", 1, "datasetVersion", 1),
                Map.of("project", subset, "datasetVersion", 1),
                Map.of("run", run, "datasetVersion", 0),
                Map.of("run", run, "datasetVersion", 1, "priority", 101))) {
            request(body).then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        }
    }

    @Test
    void imagesThatTheModelHasLearnedFromAreCounted() throws IOException {
        List<String> labels = List.of("a", "b");
        String run = trained(freeze(
                Task.CLASSIFICATION,
                labels,
                1,
                image(1, Split.TRAIN),
                image(2, Split.DEV),
                image(3, Split.TEST),
                image(4, Split.TRAIN)));
        String moved = freeze(
                Task.CLASSIFICATION,
                labels,
                4,
                image(1, Split.TEST),
                image(2, Split.TEST),
                image(3, Split.TEST),
                image(4, Split.TRAIN),
                image(5, Split.TEST));

        request(Map.of("run", run, "datasetProject", moved, "datasetVersion", 1))
                .then()
                .statusCode(202)
                .body("knownImages", equalTo(2));
        request(Map.of("run", run, "datasetVersion", 1)).then().statusCode(202).body("knownImages", equalTo(0));
    }

    private static void refused(String run, String project, String why) {
        request(Map.of("run", run, "datasetProject", project, "datasetVersion", 1))
                .then()
                .statusCode(422)
                .body("code", equalTo("EVALUATION_INVALID"), "detail", containsString(why));
    }

    @Test
    void packageStaysUntilItsEvaluationHasEnded() throws IOException {
        String project = classes();
        String run = Scene.run(project, FakeTrainer.HOLD);
        Scene.awaitState(run, "RUNNING");
        Files.createFile(Scene.folder(run, 1).resolve("go"));
        Scene.awaitState(run, "SUCCEEDED");
        register(run, 5);
        Map<String, Object> body = Map.of("run", run, "datasetVersion", 1);
        String cancelled = requested(body);
        given().post("/api/v1/runs/{id}/cancel", cancelled).then().statusCode(200);
        String id = requested(body); // a cancelled one does not count
        Scene.awaitState(id, "RUNNING");
        evaluations("/" + id).then().statusCode(200).body("state", equalTo("RUNNING"), "evaluation", nullValue());

        announce(
                "dev.loupe.model-version-deleted.v1",
                ModelVersionDeleted.newBuilder().setRunId(run).setVersion(5).build());
        await().atMost(Duration.ofMinutes(2))
                .until(() -> "MODEL_VERSION_NOT_FOUND".equals(request(body).path("code")));
        await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> given().delete("/api/v1/runs/{run}", run)
                .then()
                .statusCode(409)
                .body("code", equalTo("RUN_IN_USE"), "detail", containsString(id)));
        assertFalse(packageOf(run).isEmpty());

        given().post("/api/v1/runs/{id}/cancel", id).then().statusCode(200);
        await().atMost(Duration.ofMinutes(2)).until(() -> packageOf(run).isEmpty());
        given().delete("/api/v1/runs/{run}", run).then().statusCode(204);
        evaluations("/" + id)
                .then()
                .statusCode(200)
                .body("state", equalTo("CANCELLED"), "model.run", equalTo(run), "model.project", nullValue());
        await().atMost(Duration.ofMinutes(2))
                .until(() -> given().delete("/api/v1/runs/{run}", id).statusCode() == 204);
        evaluations("/" + id).then().statusCode(404);
        evaluations("?project=" + project).then().body("items.id", not(hasItem(id)));
    }

    private List<StoredObject> packageOf(String run) {
        return store.list(storage.bucket(), "runs/" + run + "/package/");
    }
}
