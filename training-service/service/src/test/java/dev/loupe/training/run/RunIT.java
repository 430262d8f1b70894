package dev.loupe.training.run;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.events.v1.DatasetVersionFrozen;
import dev.loupe.events.v1.ModelPackageProduced;
import dev.loupe.events.v1.Task;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.testing.CapturedLog;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.TopicReader;
import dev.loupe.training.FakeTrainer;
import dev.loupe.training.Networks;
import dev.loupe.training.Scene;
import dev.loupe.training.TrainerProcessResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
@QuarkusTestResource(TrainerProcessResource.class)
class RunIT {
    @Inject
    Jdbi jdbi;

    @Inject
    RunTransitions transitions;

    @Inject
    Runs runs;

    @Inject
    HeardChanges changes;

    @Inject
    ObjectStore store;

    @Inject
    StorageConfig storage;

    @Test
    void aRunSucceedsAndItsPackageIsAnnouncedOnce() throws Exception {
        DatasetVersionFrozen version = Scene.frozen(Task.CLASSIFICATION);
        String run = Scene.run(version.getProjectName(), FakeTrainer.SUCCEED);
        Scene.awaitState(run, "SUCCEEDED");

        Scene.get(run)
                .then()
                .body("project", equalTo(version.getProjectName()), "attempt", equalTo(1), "reason", nullValue())
                .body(
                        "metrics.accuracy",
                        equalTo(0.75f),
                        "trainSeconds",
                        equalTo(1.5f),
                        "recipe.parameters.backbone",
                        equalTo("scattering"))
                .body("progress.phase", notNullValue(), "startedAt", notNullValue(), "finishedAt", notNullValue());
        List<ConsumerRecord<String, byte[]>> announced = announced(run);
        assertEquals(1, announced.size());
        assertEquals(version.getProjectId(), announced.getFirst().key());
        ModelPackageProduced event =
                ModelPackageProduced.parseFrom(announced.getFirst().value());
        assertEquals(
                "runs/" + run + "/package/manifest.json", event.getManifest().getKey());
        assertEquals(version.getTestDigest(), event.getTestDigest());
        assertEquals(0.75, event.getMetricsMap().get("accuracy"));
        assertEquals(4, event.getTestCounts().getImages());
        assertEquals(1, event.getTestCounts().getLabelsOrThrow("b").getRight());
        assertEquals(0b0111, event.getTestCounts().getRightImages().byteAt(0));
        await().atMost(Duration.ofMinutes(2))
                .until(() -> !Files.exists(Scene.folder(run, 1).resolve("scratch")));
    }

    @Test
    void aRunThatChoosesNamesItsCandidatesAndTheModelTheChosenOne() throws Exception {
        String backbone = "chosen-" + UUID.randomUUID();
        given().contentType("application/octet-stream")
                .body(Networks.withoutMaps())
                .post("/api/v1/backbones?name=" + backbone)
                .then()
                .statusCode(201);
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        Map<String, Object> recipe =
                Map.of("name", "auto", "parameters", Map.of("backbones", "scattering, " + backbone));
        String run = Scene.submit(project, recipe, FakeTrainer.SUCCEED, null)
                .then()
                .statusCode(202)
                .extract()
                .path("id");
        Scene.awaitState(run, "SUCCEEDED");

        Scene.get(run)
                .then()
                .body(
                        "recipe.name",
                        equalTo("auto"),
                        "selection.chosen",
                        equalTo("transfer with " + backbone),
                        "selection.reason",
                        equalTo("the last one"),
                        "selection.candidates.name",
                        contains("transfer with scattering", "transfer with " + backbone),
                        "selection.candidates[1].devMetrics.accuracy",
                        equalTo(0.75f));
        ModelPackageProduced event =
                ModelPackageProduced.parseFrom(announced(run).getFirst().value());
        assertEquals("transfer", event.getRecipe());
        assertEquals(backbone, event.getBackbone());
    }

    /** Four attempts, where three are the most: what is not the run's fault is not counted. */
    @Test
    void waitsForSpaceOnTheTrainersDiskWithoutBeingCharged() {
        String run = Scene.run(FakeTrainer.NO_SPACE);
        await().atMost(Duration.ofMinutes(2))
                .until(() -> Scene.get(run).path("state").equals("QUEUED")
                        && Scene.get(run).path("reason") instanceof String reason
                        && reason.startsWith("NO_SPACE: the trainer's disk is full; this attempt does not count"));
        Scene.awaitState(run, "SUCCEEDED");

        Scene.get(run).then().body("attempt", equalTo(4), "reason", nullValue());
        given().get("/api/v1/runs/" + run + "/attempts")
                .then()
                .body("items.size()", equalTo(4), "items[2].ended", containsString("NO_SPACE"));
    }

    /** The trainer of another run gets the place. */
    @Test
    void holdsNoPlaceWhileItWaitsForSpace() {
        String run = Scene.run(FakeTrainer.SUCCEED);
        Scene.awaitState(run, "SUCCEEDED");
        jdbi.useHandle(handle -> handle.createUpdate("""
                        update run set state = 'QUEUED', not_before = now() + interval '1 hour', reason = 'NO_SPACE: waits'
                        where id = :id::uuid""").bind("id", run).execute());

        Scene.awaitState(Scene.run(FakeTrainer.SUCCEED), "SUCCEEDED");
        Scene.get(run).then().body("state", equalTo("QUEUED"), "reason", equalTo("NO_SPACE: waits"));
        given().post("/api/v1/runs/" + run + "/cancel").then().statusCode(200).body("state", equalTo("CANCELLED"));
    }

    @Test
    void whatIsDoneForARunBelongsToTheTraceOfItsRequest() throws Exception {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        String trace = UUID.randomUUID().toString().replace("-", "");
        try (CapturedLog log = CapturedLog.begin()) {
            String run = given().contentType(ContentType.JSON)
                    .header("traceparent", "00-" + trace + "-00f067aa0ba902b7-01")
                    .body(Map.of("project", project, "recipe", Map.of("name", "transfer")))
                    .post("/api/v1/runs")
                    .then()
                    .statusCode(202)
                    .extract()
                    .path("id");
            Scene.awaitState(run, "SUCCEEDED");

            assertTrue(
                    Files.readString(Scene.folder(run, 1).resolve("trainer.log"))
                            .contains("TRACEPARENT=00-" + trace + "-"),
                    "the environment of its trainer");
            Header announced = announced(run).getFirst().headers().lastHeader("traceparent");
            assertTrue(new String(announced.value(), UTF_8).startsWith("00-" + trace + "-"), "its event");
            assertTrue(
                    changes.ids().stream()
                            .anyMatch(ids -> run.equals(ids.get("runId"))
                                    && "1".equals(ids.get("attempt"))
                                    && trace.equals(ids.get("traceId"))
                                    && !ids.containsKey("project")),
                    "a request of its trainer: " + changes.ids());
            for (String line : List.of(" QUEUED", "trainer started", " SUCCEEDED")) {
                List<CapturedLog.Line> told = log.lines(line).stream()
                        .filter(one -> run.equals(one.ids().get("runId")))
                        .toList();
                assertEquals(1, told.size(), line);
                assertEquals(trace, told.getFirst().ids().get("traceId"), line);
                assertEquals(project, told.getFirst().ids().get("project"), line);
            }
        }
    }

    @Test
    void aRunThatOnlyMeasuresAnnouncesNothing() {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        String run = Scene.submit(
                        project,
                        Map.of("name", "transfer", "parameters", Map.of("backbone", "random")),
                        FakeTrainer.SUCCEED,
                        false)
                .path("id");
        Scene.awaitState(run, "SUCCEEDED");
        String after = Scene.run(project, FakeTrainer.SUCCEED);
        Scene.awaitState(after, "SUCCEEDED");

        assertEquals(1, announced(after).size());
        assertEquals(0, announced(after, run));
    }

    @Test
    void aKilledTrainerIsFollowedByAnAttemptThatResumesAndSucceeds() {
        String run = Scene.run(FakeTrainer.HOLD);
        Scene.awaitState(run, "RUNNING");
        store.put(new ObjectLocation(storage.bucket(), "runs/" + run + "/checkpoints/1/state"), new byte[10], "a/b");
        Scene.trainer(run, 1).destroyForcibly();
        Scene.awaitState(run, "SUCCEEDED");

        Scene.get(run).then().body("attempt", equalTo(2), "resumedFrom", equalTo("epoch 7"));
        given().get("/api/v1/runs/" + run + "/attempts")
                .then()
                .body("items.ended", contains(containsString("ended with exit code 137"), equalTo("succeeded")));
        assertEquals(1, announced(run).size());
        await("what attempts resume from is removed")
                .until(() -> store.list(storage.bucket(), "runs/" + run + "/checkpoints/")
                        .isEmpty());
    }

    @Test
    void aCancelledRunStaysCancelledAndItsTrainerEnds() {
        String run = Scene.run(FakeTrainer.HOLD);
        Scene.awaitState(run, "RUNNING");
        ProcessHandle trainer = Scene.trainer(run, 1);

        given().header("X-Loupe-Actor", "ann")
                .post("/api/v1/runs/" + run + "/cancel")
                .then()
                .statusCode(200)
                .body("state", equalTo("CANCELLED"), "reason", equalTo("cancelled by ann"));
        await().atMost(Duration.ofMinutes(2)).until(() -> !trainer.isAlive());
        given().post("/api/v1/runs/" + run + "/cancel").then().statusCode(200).body("state", equalTo("CANCELLED"));
        assertEquals(1, count("select count(*) from audit where action = 'run.cancel' and subject = '" + run + "'"));
    }

    @Test
    void ofACancelAndAnEndThatComeTogetherOneIsTheEnd() throws Exception {
        String run = Scene.run(FakeTrainer.HOLD);
        Scene.awaitState(run, "RUNNING");
        ProcessHandle trainer = Scene.trainer(run, 1);
        Files.createFile(Scene.folder(run, 1).resolve("go"));
        int status = given().post("/api/v1/runs/" + run + "/cancel").statusCode();
        await().atMost(Duration.ofMinutes(2)).until(() -> !trainer.isAlive());

        String last = Scene.run(FakeTrainer.SUCCEED);
        Scene.awaitState(last, "SUCCEEDED");
        assertEquals(status == 200 ? "CANCELLED" : "SUCCEEDED", Scene.get(run).path("state"));
        assertEquals(status == 200 ? 0 : 1, announced(last, run));
    }

    @Test
    void whatEndedCantBeCancelled() {
        String run = Scene.run(FakeTrainer.SUCCEED);
        Scene.awaitState(run, "SUCCEEDED");
        given().post("/api/v1/runs/" + run + "/cancel")
                .then()
                .statusCode(409)
                .body("code", equalTo("RUN_FINISHED"), "detail", containsString("SUCCEEDED"));
        given().post("/api/v1/runs/" + UUID.randomUUID() + "/cancel").then().statusCode(404);
    }

    @Test
    void runsWaitForTheirTurnAndSayWhereTheyStand() throws Exception {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        String first = Scene.run(project, FakeTrainer.HOLD);
        Scene.awaitState(first, "RUNNING");
        String second = Scene.run(project, FakeTrainer.SUCCEED);
        String third = Scene.run(project, FakeTrainer.SUCCEED);

        Scene.get(third)
                .then()
                .body(
                        "state",
                        equalTo("QUEUED"),
                        "reason",
                        equalTo("place 2 of 2 in the queue: 1 of 1 trainer is busy"));
        given().post("/api/v1/runs/" + second + "/cancel").then().body("state", equalTo("CANCELLED"));
        Scene.get(third).then().body("reason", equalTo("place 1 of 1 in the queue: 1 of 1 trainer is busy"));
        Files.createFile(Scene.folder(first, 1).resolve("go"));
        Scene.awaitState(third, "SUCCEEDED");
        given().get("/api/v1/runs?project=" + project + "&state=SUCCEEDED")
                .then()
                .body("items.id", contains(third, first), "nextCursor", nullValue());
    }

    @Test
    void aFailureThatNoAttemptCanMendEndsTheRun() {
        String run = Scene.run(FakeTrainer.FAIL);
        Scene.awaitState(run, "FAILED");
        Scene.get(run).then().body("attempt", equalTo(1), "reason", equalTo("DATA: the images cannot be decoded"));
    }

    @Test
    void aFailureThatMayPassIsTriedThreeTimes() {
        String run = Scene.run(FakeTrainer.FAIL_FOR_NOW);
        Scene.awaitState(run, "FAILED");
        Scene.get(run)
                .then()
                .body("attempt", equalTo(3), "reason", equalTo("DATA: the images cannot be decoded (3 attempts)"));
    }

    @Test
    void aTrainerThatCantBeginIsNotStartedAgain() {
        String run = Scene.run(FakeTrainer.MISCONFIGURED);
        Scene.awaitState(run, "FAILED");
        Scene.get(run).then().body("attempt", equalTo(1), "reason", containsString("BAD_CONFIGURATION"));
    }

    @Test
    void twoReplicasThatSeeTheSameEndMakeItOnce() {
        String id = Scene.run(FakeTrainer.HOLD);
        Scene.awaitState(id, "RUNNING");
        Run seenByBoth = runs.require(id);
        TrainerResult result = new TrainerResult(
                1,
                Outcome.SUCCEEDED,
                null,
                Map.of("accuracy", 0.5),
                "runs/" + id + "/package/manifest.json",
                "ab",
                1,
                1,
                null,
                null);

        assertTrue(transitions.succeed(seenByBoth, result, Optional.empty()));
        assertFalse(transitions.succeed(seenByBoth, result, Optional.empty()));
        assertFalse(transitions.retry(seenByBoth, "it is gone"));
        assertFalse(transitions.fail(seenByBoth, "it is gone"));

        assertEquals(1, announced(id).size());
        Scene.get(id).then().body("state", equalTo("SUCCEEDED"), "attempt", equalTo(1));
    }

    private static List<ConsumerRecord<String, byte[]>> announced(String run) {
        return Scene.records("loupe.training", all -> all.stream().anyMatch(record -> isOf(record, run))).stream()
                .filter(record -> isOf(record, run))
                .toList();
    }

    /** How often a run was announced up to when another was. */
    private static long announced(String until, String run) {
        return Scene.records("loupe.training", all -> all.stream().anyMatch(record -> isOf(record, until))).stream()
                .filter(record -> isOf(record, run))
                .count();
    }

    /** Whether a record announces the package of a run. The topic has other events, too. */
    private static boolean isOf(ConsumerRecord<String, byte[]> record, String run) {
        try {
            return TopicReader.type(record).equals("dev.loupe.model-package-produced.v1")
                    && ModelPackageProduced.parseFrom(record.value()).getRunId().equals(run);
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private int count(String sql) {
        return jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(Integer.class).one());
    }
}
