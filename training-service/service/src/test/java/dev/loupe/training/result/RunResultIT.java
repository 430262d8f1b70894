package dev.loupe.training.result;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.events.v1.DatasetVersionFrozen;
import dev.loupe.events.v1.Task;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
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
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
@QuarkusTestResource(TrainerProcessResource.class)
class RunResultIT {
    @Inject
    ObjectStore store;

    @Inject
    StorageConfig storage;

    private static String detector(long seed) {
        String project = Scene.frozen(Task.ANOMALY_DETECTION).getProjectName();
        return Scene.submit(project, Map.of("name", "patchcore"), seed, null)
                .then()
                .statusCode(202)
                .extract()
                .path("id");
    }

    private static Response results(String run, String query) {
        return given().get("/api/v1/runs/" + run + "/results" + query);
    }

    @Test
    void resultsOfADetectorBeginWithTheWrongOnes() throws Exception {
        String run = detector(FakeTrainer.SUCCEED);
        Scene.awaitState(run, "SUCCEEDED");

        Response all = results(run, "");
        all.then()
                .statusCode(200)
                .body("items.name", equalTo(List.of("1.png", "0.png", "3.png", "2.png")))
                .body("items.right", equalTo(List.of(false, true, true, true)))
                .body("items.margin", equalTo(List.of(-0.5f, 0.5f, 1.25f, 2f)))
                .body("items[2].truth", equalTo("abnormal"), "items[2].defect", equalTo("hole"))
                .body("items[2].predicted", equalTo("abnormal"), "items[2].score", equalTo(2.25f))
                .body("items[2].heatmap", equalTo(true), "items[2].probabilities", nullValue())
                .body("items[2].nearest.sha256", equalTo("a".repeat(64)), "items[2].nearest.name", equalTo("good.png"))
                .body("items[2].nearest.place.left", equalTo(0.25f), "items[2].nearest.distance", equalTo(1.5f))
                .body("items[2].nearest.normalPlace.height", equalTo(0.25f), "items[0].nearest", nullValue())
                .body("total", equalTo(4), "nextCursor", nullValue(), "threshold", equalTo(1f))
                .body("confusion.truth", equalTo(List.of("abnormal", "normal", "normal")))
                .body("confusion.predicted", equalTo(List.of("abnormal", "abnormal", "normal")))
                .body("confusion.images", equalTo(List.of(2, 1, 1)));
        List<Boolean> right = all.path("items.right");
        double accuracy = (double) right.stream().filter(one -> one).count() / right.size();
        assertEquals(Scene.get(run).<Float>path("metrics.accuracy"), accuracy, 1e-6);

        Response heatmap = results(run, "/" + "2".repeat(64) + "/heatmap");
        heatmap.then().statusCode(200).contentType("image/png");
        assertTrue(heatmap.header("Cache-Control").contains("immutable"), heatmap.header("Cache-Control"));
        BufferedImage png = ImageIO.read(new ByteArrayInputStream(heatmap.asByteArray()));
        assertEquals(8, png.getWidth());
        results(run, "/" + "9".repeat(64) + "/heatmap")
                .then()
                .statusCode(404)
                .body("code", equalTo("HEATMAP_NOT_FOUND"));
    }

    @Test
    void resultsOfAClassifierAreFilteredSortedAndPaged() {
        String run = Scene.run(FakeTrainer.SUCCEED);
        Scene.awaitState(run, "SUCCEEDED");

        results(run, "")
                .then()
                .body("items.name", equalTo(List.of("1.png", "3.png", "0.png", "2.png")))
                .body("items.margin", equalTo(List.of(-0.25f, 0.125f, 0.5f, 1f)))
                .body("items[0].probabilities.a", equalTo(0.375f), "threshold", nullValue())
                .body("items[0].similar.name", equalTo(List.of("train.png")), "items[1].similar", nullValue())
                .body("items[0].similar[0].label", equalTo("b"), "items[0].similar[0].similarity", equalTo(0.875f));
        results(run, "?outcome=RIGHT&truth=b").then().body("items.name", equalTo(List.of("3.png", "2.png")));
        results(run, "?outcome=WRONG").then().body("items.name", equalTo(List.of("1.png")), "total", equalTo(1));
        results(run, "?predicted=b&sort=-score").then().body("items.name", equalTo(List.of("2.png", "1.png", "3.png")));
        results(run, "?defect=hole").then().body("items", equalTo(List.of()), "total", equalTo(0));
        Response first = results(run, "?sort=-name&limit=3");
        first.then().body("items.name", equalTo(List.of("3.png", "2.png", "1.png")), "total", equalTo(4));
        assertNotNull(first.header("Link"));
        results(run, "?sort=-name&limit=3&cursor=" + first.path("nextCursor"))
                .then()
                .body("items.name", equalTo(List.of("0.png")), "nextCursor", nullValue());
        results(run, "?sort=age").then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        results(run, "?outcome=right").then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        results(run, "/" + "2".repeat(64) + "/heatmap")
                .then()
                .statusCode(404)
                .body("code", equalTo("HEATMAP_NOT_FOUND"));
    }

    @Test
    void aRunWithoutResultsSaysSo() {
        results(UUID.randomUUID().toString(), "").then().statusCode(404).body("code", equalTo("RUN_NOT_FOUND"));

        String running = Scene.run(FakeTrainer.HOLD);
        Scene.awaitState(running, "RUNNING");
        results(running, "").then().statusCode(404).body("code", equalTo("RESULTS_NOT_FOUND"));
        given().post("/api/v1/runs/" + running + "/cancel").then().statusCode(200);

        String old = Scene.run(FakeTrainer.SUCCEED);
        Scene.awaitState(old, "SUCCEEDED");
        store.delete(new ObjectLocation(storage.bucket(), "runs/" + old + "/attempts/1/test-results.json"));
        results(old, "").then().statusCode(404).body("code", equalTo("RESULTS_NOT_FOUND"));
        results(old, "/" + "2".repeat(64) + "/heatmap")
                .then()
                .statusCode(404)
                .body("code", equalTo("RESULTS_NOT_FOUND"));
    }

    @Test
    void anEvaluationIsServedWithTheControlOfItsRun() {
        String run = Scene.run(FakeTrainer.SUCCEED);
        Scene.awaitState(run, "SUCCEEDED");
        evaluation(run)
                .then()
                .statusCode(200)
                .body("format", equalTo(1), "model.runId", equalTo(run), "data.split", equalTo("TEST"))
                .body("report.metrics.accuracy.low", equalTo(0.5f), "report.metrics.ece.low", nullValue())
                .body("report.classes[0].f1", equalTo(0.6875f), "report.detection", nullValue())
                .body("report.classes[0].roc[0].threshold", nullValue())
                .body("control.name", equalTo("transfer on a random network"), "control.verdict", equalTo("BETTER"))
                .body("control.metrics.accuracy", equalTo(0.5f), "control.difference.low", equalTo(0.125f));

        store.delete(new ObjectLocation(storage.bucket(), "runs/" + run + "/attempts/1/evaluation.json"));
        evaluation(run).then().statusCode(404).body("code", equalTo("EVALUATION_NOT_FOUND"));
    }

    @Test
    void aRunHasItsControlWithVerdictAndAdvice() {
        String run = Scene.run(FakeTrainer.NO_BETTER_THAN_CONTROL);
        Scene.awaitState(run, "SUCCEEDED");
        Scene.get(run)
                .then()
                .body("withControl", equalTo(true), "control.metric", equalTo("accuracy"))
                .body("control.value", equalTo(0.75f), "control.split", equalTo("TEST"), "control.images", equalTo(4))
                .body("control.trainImages", equalTo(10), "control.verdict", equalTo("NOT_SHOWN_BETTER"))
                .body("control.difference.value", equalTo(0f), "control.difference.high", equalTo(0.125f))
                .body("control.advice", equalTo(List.of("Try a pretrained backbone.")))
                .body("warnings", equalTo(List.of("DEV has 4 images.")));
    }

    @Test
    void aRunThatAsksForNoControlHasNone() {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        String run = given().contentType(ContentType.JSON)
                .body(Map.of("project", project, "recipe", Map.of("name", "transfer"), "withControl", false))
                .post("/api/v1/runs")
                .then()
                .statusCode(202)
                .body("withControl", equalTo(false))
                .extract()
                .path("id");
        Scene.awaitState(run, "SUCCEEDED");
        Scene.get(run).then().body("control", nullValue());
        evaluation(run).then().statusCode(200).body("control", nullValue());

        given().contentType(ContentType.JSON)
                .body(Map.of("project", project, "recipe", Map.of("name", "transfer"), "withControl", "some"))
                .post("/api/v1/runs")
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"));
    }

    private static Response evaluation(String run) {
        return given().get("/api/v1/runs/" + run + "/evaluation");
    }

    @Test
    void twoRunsAreComparedImageByImage() throws Exception {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        String run = Scene.run(project, FakeTrainer.SUCCEED);
        String other = Scene.run(project, FakeTrainer.SUCCEED);
        Scene.awaitState(run, "SUCCEEDED");
        Scene.awaitState(other, "SUCCEEDED");
        // The other run is right on 0.png, 1.png and 2.png.
        ObjectLocation results =
                new ObjectLocation(storage.bucket(), "runs/" + other + "/attempts/1/test-results.json");
        ObjectMapper json = new ObjectMapper();
        JsonNode changed = json.readTree(store.read(results));
        ((ObjectNode) changed.at("/images/1")).put("predicted", "a").put("score", 0.5);
        ((ObjectNode) changed.at("/images/3")).put("predicted", "a").put("score", 0.5);
        store.put(results, json.writeValueAsBytes(changed), "application/json");

        comparison(run, other, "")
                .then()
                .statusCode(200)
                .body("images", equalTo(4), "bothRight", equalTo(2), "bothWrong", equalTo(0))
                .body("onlyRunRight", equalTo(1), "onlyOtherRight", equalTo(1))
                .body("accuracy", equalTo(0.75f), "otherAccuracy", equalTo(0.75f))
                .body("difference.value", equalTo(0f), "pValue", equalTo(1f), "total", equalTo(2))
                .body("items.name", equalTo(List.of("1.png", "3.png")))
                .body("items.outcome", equalTo(List.of("ONLY_OTHER_RIGHT", "ONLY_RUN_RIGHT")))
                .body("items.predicted", equalTo(List.of("b", "b")))
                .body("items.otherPredicted", equalTo(List.of("a", "a")));
        Response first = comparison(run, other, "&limit=1");
        first.then().body("items.name", equalTo(List.of("1.png")), "total", equalTo(2));
        comparison(run, other, "&limit=1&cursor=" + first.path("nextCursor"))
                .then()
                .body("items.name", equalTo(List.of("3.png")), "nextCursor", nullValue());
        comparison(run, other, "&outcome=ONLY_RUN_RIGHT").then().body("items.name", equalTo(List.of("3.png")));
        comparison(run, run, "").then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));

        String failed = Scene.run(project, FakeTrainer.FAIL);
        Scene.awaitState(failed, "FAILED");
        comparison(run, failed, "").then().statusCode(404).body("code", equalTo("RESULTS_NOT_FOUND"));
    }

    @Test
    void runsOnTwoVersionsAreComparedIfTheirTestImagesAreTheSame() {
        String run = Scene.run(FakeTrainer.SUCCEED);
        String same = Scene.run(FakeTrainer.SUCCEED); // on another dataset version with the same TEST images
        DatasetVersionFrozen relabelled = Scene.version(Task.CLASSIFICATION)
                .setTestDigest("ab".repeat(32))
                .build();
        Scene.freeze(relabelled);
        String different = Scene.run(relabelled.getProjectName(), FakeTrainer.SUCCEED);
        for (String each : List.of(run, same, different)) {
            Scene.awaitState(each, "SUCCEEDED");
        }

        comparison(run, same, "").then().statusCode(200).body("images", equalTo(4), "total", equalTo(0));
        comparison(run, different, "")
                .then()
                .statusCode(409)
                .body("code", equalTo("RUNS_NOT_COMPARABLE"))
                .body("detail", containsString("ef".repeat(32)), "detail", containsString("ab".repeat(32)));
    }

    private static Response comparison(String run, String other, String query) {
        return given().get("/api/v1/runs/" + run + "/comparison?with=" + other + query);
    }

    @Test
    void failedAttemptsLeaveNoResults() {
        String run = detector(FakeTrainer.FAIL_FOR_NOW);
        Scene.awaitState(run, "FAILED");
        await().atMost(Duration.ofMinutes(2))
                .until(() -> store.list(storage.bucket(), "runs/" + run + "/attempts/").stream()
                        .map(StoredObject::location)
                        .noneMatch(object -> object.key().contains("test-results")
                                || object.key().contains("evaluation")
                                || object.key().contains("heatmaps")));
    }
}
