package dev.loupe.training.result;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.loupe.contracts.training.LabelIssues;
import dev.loupe.events.v1.DatasetVersionFrozen;
import dev.loupe.events.v1.LabelsChecked;
import dev.loupe.events.v1.ModelPackageProduced;
import dev.loupe.events.v1.Task;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.TopicReader;
import dev.loupe.training.FakeTrainer;
import dev.loupe.training.Scene;
import dev.loupe.training.TrainerProcessResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
@QuarkusTestResource(TrainerProcessResource.class)
class LabelIssueIT {
    private static final String CHECKED = "dev.loupe.labels-checked.v1";
    private static final String PRODUCED = "dev.loupe.model-package-produced.v1";

    @Inject
    ObjectStore store;

    @Inject
    StorageConfig storage;

    private static Response submit(String project, String recipe, boolean checkLabels) {
        return given().contentType(ContentType.JSON)
                .body(Map.of(
                        "project",
                        project,
                        "recipe",
                        Map.of("name", recipe),
                        "seed",
                        FakeTrainer.SUCCEED,
                        "checkLabels",
                        checkLabels))
                .post("/api/v1/runs");
    }

    private static Response issues(String run, String query) {
        return given().get("/api/v1/runs/" + run + "/label-issues" + query);
    }

    @Test
    void issuesOfAClassifierAreServedInPages() {
        String run = Scene.run(FakeTrainer.SUCCEED);
        Scene.awaitState(run, "SUCCEEDED");
        Scene.get(run).then().body("checkLabels", is(true));

        Response first = issues(run, "?limit=2");
        first.then()
                .statusCode(200)
                .body("items.name", equalTo(List.of("1.png", "2.png")))
                .body("items[0].label", equalTo("a"), "items[0].labelProbability", equalTo(0.125f))
                .body("items[0].likelyLabel", equalTo("b"), "items[0].likelyProbability", equalTo(0.875f))
                .body("total", equalTo(3), "images", equalTo(12), "leftOut", equalTo(List.of("c")))
                .body("backbone", equalTo("scattering"), "skipped", nullValue());
        assertNotNull(first.header("Link"));
        issues(run, "?limit=2&cursor=" + first.path("nextCursor"))
                .then()
                .body("items.name", equalTo(List.of("3.png")), "nextCursor", nullValue());
        issues(run, "?limit=0").then().statusCode(400).body("code", equalTo("INVALID_REQUEST"));
        issues(run, "?cursor=eHg").then().statusCode(400).body("code", equalTo("INVALID_CURSOR"));
    }

    @Test
    void theLearningCurveIsServed() {
        String run = Scene.run(FakeTrainer.SUCCEED);
        Scene.awaitState(run, "SUCCEEDED");
        curve(run)
                .then()
                .statusCode(200)
                .body("points[0].images", equalTo(10), "points[0].accuracy.value", equalTo(0.75f))
                .body("gainOfDoubling.value", equalTo(0.0625f), "gainOfDoubling.high", equalTo(0.125f))
                .body("law.b", equalTo(1f), "sufficientImages", equalTo(125), "devImages", equalTo(12));
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        String without = submit(project, "transfer", false).then().extract().path("id");
        Scene.awaitState(without, "SUCCEEDED");
        curve(without).then().statusCode(404).body("code", equalTo("LEARNING_CURVE_NOT_FOUND"));
        curve(UUID.randomUUID().toString()).then().statusCode(404).body("code", equalTo("RUN_NOT_FOUND"));
    }

    private static Response curve(String run) {
        return given().get("/api/v1/runs/" + run + "/learning-curve");
    }

    @Test
    void theEndOfTheRunAnnouncesTheDocument() throws Exception {
        DatasetVersionFrozen version = Scene.frozen(Task.CLASSIFICATION);
        String run = Scene.run(version.getProjectName(), FakeTrainer.SUCCEED);
        Scene.awaitState(run, "SUCCEEDED");

        ConsumerRecord<String, byte[]> record =
                Scene.records("loupe.training", all -> all.stream().anyMatch(one -> run.equals(checkedRun(one))))
                        .stream()
                        .filter(one -> run.equals(checkedRun(one)))
                        .reduce((one, other) -> {
                            throw new AssertionError("announced twice");
                        })
                        .orElseThrow();
        LabelsChecked event = LabelsChecked.parseFrom(record.value());
        assertEquals(version.getProjectId(), record.key());
        assertEquals(version.getProjectId(), event.getProjectId());
        assertEquals(version.getNumber(), event.getDatasetVersionNumber());
        byte[] document = store.read(new ObjectLocation(
                event.getIssues().getBucket(), event.getIssues().getKey()));
        assertEquals(Sha256.of(document), event.getIssues().getSha256());
        assertEquals(document.length, event.getIssues().getSize());
    }

    @Test
    void aRunThatDoesNotCheckLabelsHasNoneAndAnnouncesNone() {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        String run = submit(project, "transfer", false)
                .then()
                .statusCode(202)
                .extract()
                .path("id");
        Scene.awaitState(run, "SUCCEEDED");
        Scene.get(run).then().body("checkLabels", is(false));
        issues(run, "")
                .then()
                .statusCode(404)
                .body("code", equalTo("LABEL_ISSUES_NOT_FOUND"), "detail", containsString("did not check"));
        assertEquals(
                List.of(),
                Scene.records("loupe.training", all -> all.stream().anyMatch(one -> run.equals(producedRun(one))))
                        .stream()
                        .filter(one -> run.equals(checkedRun(one)))
                        .toList());
    }

    @Test
    void skippedCheckSaysWhy() {
        String run = Scene.run(FakeTrainer.SUCCEED);
        Scene.awaitState(run, "SUCCEEDED");
        store.put(
                new ObjectLocation(storage.bucket(), "runs/" + run + "/" + LabelIssues.key(1)),
                "{\"skipped\":{\"reason\":\"TOO_FEW_IMAGES\",\"message\":\"few\"}}".getBytes(StandardCharsets.UTF_8),
                "application/json");
        issues(run, "")
                .then()
                .statusCode(200)
                .body("skipped.reason", equalTo("TOO_FEW_IMAGES"), "skipped.message", equalTo("few"))
                .body("items", equalTo(List.of()), "total", equalTo(0), "images", equalTo(0));
    }

    @Test
    void rejectsWhatHasNoIssues() {
        issues(UUID.randomUUID().toString(), "").then().statusCode(404).body("code", equalTo("RUN_NOT_FOUND"));
        String running = Scene.run(FakeTrainer.HOLD);
        Scene.awaitState(running, "RUNNING");
        issues(running, "").then().statusCode(404).body("code", equalTo("LABEL_ISSUES_NOT_FOUND"));
        given().post("/api/v1/runs/" + running + "/cancel").then().statusCode(200);

        String detector = Scene.frozen(Task.ANOMALY_DETECTION).getProjectName();
        submit(detector, "patchcore", true)
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"), "detail", containsString("checkLabels"));
        submit(detector, "patchcore", false).then().statusCode(202).body("checkLabels", is(false));
    }

    private static String checkedRun(ConsumerRecord<String, byte[]> record) {
        try {
            return TopicReader.type(record).equals(CHECKED)
                    ? LabelsChecked.parseFrom(record.value()).getRunId()
                    : null;
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static String producedRun(ConsumerRecord<String, byte[]> record) {
        try {
            return TopicReader.type(record).equals(PRODUCED)
                    ? ModelPackageProduced.parseFrom(record.value()).getRunId()
                    : null;
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
