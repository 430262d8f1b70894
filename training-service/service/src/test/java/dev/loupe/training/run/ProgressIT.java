package dev.loupe.training.run;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
@QuarkusTestResource(TrainerProcessResource.class)
class ProgressIT {
    @Inject
    Jdbi jdbi;

    @Test
    void aRunIsFollowedByEventsAndByItsLogUntilItEnds() throws Exception {
        String run = Scene.run(FakeTrainer.HOLD);
        CompletableFuture<String> events = CompletableFuture.supplyAsync(
                () -> given().get("/api/v1/runs/" + run + "/events").asString());
        CompletableFuture<String> log = CompletableFuture.supplyAsync(
                () -> given().get("/api/v1/runs/" + run + "/logs?follow=true").asString());
        Scene.awaitState(run, "RUNNING");
        String soFar = given().get("/api/v1/runs/" + run + "/logs").asString();
        Files.createFile(Scene.folder(run, 1).resolve("go"));

        List<String> data =
                events.get().lines().filter(line -> line.startsWith("data:")).toList();
        assertTrue(events.get().contains("event:run"), events.get());
        assertTrue(data.stream().anyMatch(line -> line.contains("\"state\":\"RUNNING\"")), events.get());
        assertTrue(data.getLast().contains("\"state\":\"SUCCEEDED\""), data.getLast());
        assertTrue(soFar.contains("attempt 1 of p-"), soFar);
        assertTrue(log.get().startsWith(soFar) && log.get().endsWith("done\n"), log.get());
    }

    /** Its trainer is not seen to have ended: where the cluster is away, for instance. */
    @Test
    void aFollowedLogEndsSoonAfterItsRun() {
        String run = Scene.run(FakeTrainer.SUCCEED);
        Scene.awaitState(run, "SUCCEEDED");
        await().atMost(Duration.ofMinutes(2))
                .until(() -> jdbi.withHandle(
                        handle -> handle.createQuery("select discarded from attempt where run_id = :id::uuid")
                                .bind("id", run)
                                .mapTo(Boolean.class)
                                .one()));
        jdbi.useHandle(handle ->
                handle.execute("update run set finished_at = now() - interval '2 minutes' where id = ?::uuid", run));
        jdbi.useHandle(handle ->
                handle.execute("update attempt set discarded = false, ended = null where run_id = ?::uuid", run));
        String log = given().get("/api/v1/runs/" + run + "/logs?follow=true").asString();
        assertTrue(log.endsWith("done\n"), log);
    }

    @Test
    void theLogAndTheMetricsOfEachAttemptAreKept() {
        String run = Scene.run(FakeTrainer.FAIL_FOR_NOW);
        Scene.awaitState(run, "FAILED");
        String log = given().get("/api/v1/runs/" + run + "/logs").asString();
        assertTrue(log.matches("(?s)--- attempt 1 ---.*--- attempt 2 ---.*--- attempt 3 ---.*"), log);
        given().get("/api/v1/runs/" + run + "/metrics?name=loss")
                .then()
                .body("series[0].points.attempt", equalTo(List.of(1, 2, 3)));
    }

    @Test
    void onlyTheTrainerOfAnAttemptReportsIt() {
        String run = Scene.run(FakeTrainer.HOLD);
        Scene.awaitState(run, "RUNNING");
        report(run, 1, "wrong", 1, 1).then().statusCode(401).body("code", equalTo("UNAUTHENTICATED"));
        report(run, 2, token(run), 1, 1).then().statusCode(401);
        report(run, 1, token(run), 2, 1).then().statusCode(400);
        report(UUID.randomUUID().toString(), 1, token(run), 1, 1).then().statusCode(404);
        given().post("/api/v1/runs/" + run + "/cancel").then().statusCode(200);
        report(run, 1, token(run), 1, 1_000_000).then().statusCode(410).body("code", equalTo("ATTEMPT_OVER"));
    }

    @Test
    void refusesReportsWithWhatNoDatabaseTakes() {
        String run = Scene.run(FakeTrainer.HOLD);
        Scene.awaitState(run, "RUNNING");
        for (String wrong : List.of(
                "\"phase\": \"tr\\u0000ain\"",
                "\"phase\": \"" + "x".repeat(5000) + "\"",
                "\"phase\": \"train\", \"metrics\": {\"lo\\u0000ss\": 1}",
                "\"phase\": \"train\", \"metrics\": {\"loss\": null}",
                "\"phase\": 3.5e",
                "\"phase\": \"train\", \"points\": [{\"phase\": \"train\", \"step\": 1, \"metrics\": {\"loss\": 1}}]",
                "\"phase\": \"train\", \"points\": [{\"phase\": \"train\", \"step\": -1, \"at\": 0, \"metrics\": {}}]",
                "\"phase\": \"train\", \"points\": [{\"phase\": \"t\", \"step\": 1, \"at\": 0, \"metrics\": {\"l\": \"NaN\"}}]",
                "\"phase\": \"train\", \"points\": [null]",
                "\"phase\": \"train\", \"metrics\": 7")) {
            given().contentType(ContentType.JSON)
                    .header("Authorization", "Bearer " + token(run))
                    .body("{\"attempt\": 1, \"sequence\": 5, " + wrong + "}")
                    .post("/internal/runs/" + run + "/attempts/1/reports")
                    .then()
                    .statusCode(400)
                    .body("code", equalTo("INVALID_REQUEST"));
        }
        given().post("/api/v1/runs/" + run + "/cancel").then().statusCode(200);
    }

    @Test
    void anOlderReportChangesNothing() {
        String run = Scene.run(FakeTrainer.HOLD);
        Scene.awaitState(run, "RUNNING");
        String token = token(run);
        ProcessHandle trainer = Scene.trainer(run, 1);
        report(run, 1, token, 1, 1_000_000).then().statusCode(204);
        report(run, 1, token, 1, 999_999, "older").then().statusCode(204);
        assertEquals("newest", Scene.get(run).path("progress.phase"));
        given().post("/api/v1/runs/" + run + "/cancel").then().statusCode(200);
        await().atMost(Duration.ofMinutes(2)).until(() -> !trainer.isAlive());
    }

    @Test
    void everyValueOfAMetricIsKeptOnceWhicheverWayItArrives() {
        String run = Scene.run(FakeTrainer.HOLD);
        Scene.awaitState(run, "RUNNING");
        Map<String, Object> first = point(1, 10, Map.of("devAccuracy", 0.25, "devLoss", 3.0));
        Map<String, Object> second = point(2, 20, Map.of("devAccuracy", 0.5));
        Map<String, Object> measuredAgain = point(2, 30, Map.of("devAccuracy", 0.75));
        points(run, List.of(measuredAgain, first)).then().statusCode(204);
        points(run, List.of(second, first)).then().statusCode(204);
        await().atMost(Duration.ofMinutes(2)) // for the trainer's own report
                .until(() -> given().get("/api/v1/runs/" + run + "/metrics?name=loss")
                        .path("series.name")
                        .equals(List.of("loss")));
        given().post("/api/v1/runs/" + run + "/cancel").then().statusCode(200);
        points(run, List.of(point(3, 40, Map.of("devAccuracy", 1.0))))
                .then()
                .statusCode(410); // the last report of a trainer whose result was read

        given().get("/api/v1/runs/" + run + "/metrics?name=devAccuracy&name=none")
                .then()
                .statusCode(200)
                .body("stride", equalTo(1))
                .body("series.name", equalTo(List.of("devAccuracy")))
                .body("series[0].points.step", equalTo(List.of(1, 2, 3)))
                .body("series[0].points.value", equalTo(List.of(0.25f, 0.75f, 1f)))
                .body("series[0].points[0].attempt", equalTo(1))
                .body("series[0].points[0].phase", equalTo("train"))
                .body("series[0].points[0].at", equalTo("2026-01-01T00:00:10Z"));
        given().get("/api/v1/runs/" + run + "/metrics")
                .then()
                .body("series.name", equalTo(List.of("devAccuracy", "devLoss", "loss")));
        given().get("/api/v1/runs/" + UUID.randomUUID() + "/metrics")
                .then()
                .statusCode(404)
                .body("code", equalTo("RUN_NOT_FOUND"));
    }

    @Test
    void lossesThatShowOverfittingAreNotedOnceTheRunHasSucceeded() throws Exception {
        String run = Scene.run(FakeTrainer.HOLD);
        Scene.awaitState(run, "RUNNING");
        points(
                        run,
                        IntStream.rangeClosed(2, 20)
                                .mapToObj(i -> point(
                                        i,
                                        i,
                                        Map.of(
                                                "loss",
                                                1.0 / i,
                                                "devLoss",
                                                0.5 + 0.1 * Math.abs(i - 8),
                                                "devAccuracy",
                                                0.5)))
                                .toList())
                .then()
                .statusCode(204);
        given().get("/api/v1/runs/" + run + "/metrics").then().body("notes", equalTo(List.of()));
        Files.createFile(Scene.folder(run, 1).resolve("go"));
        Scene.awaitState(run, "SUCCEEDED");

        given().get("/api/v1/runs/" + run + "/metrics?name=devAccuracy")
                .then()
                .body("series.name", equalTo(List.of("devAccuracy")))
                .body("notes.kind", equalTo(List.of("OVERFITTING")), "notes[0].epoch", equalTo(8))
                .body("notes[0].evidence", containsString("rose from 0.5000 to 1.6000"))
                .body("notes[0].advice", containsString("augmentation"));
    }

    @Test
    void everySecondStepOfALongRunIsKept() {
        String run = Scene.run(FakeTrainer.HOLD);
        Scene.awaitState(run, "RUNNING");
        Map<String, Double> metrics = new HashMap<>();
        for (int i = 0; i < 21; i++) {
            metrics.put("metric" + i, 0.5);
        }
        points(run, IntStream.range(0, 500).mapToObj(i -> point(i, i, metrics)).toList())
                .then()
                .statusCode(204);
        points(run, List.of(point(501, 501, metrics), point(502, 502, metrics)));
        given().post("/api/v1/runs/" + run + "/cancel").then().statusCode(200);

        List<Integer> even = IntStream.rangeClosed(0, 251)
                .map(i -> 2 * i)
                .filter(i -> i != 500)
                .boxed()
                .toList();
        given().get("/api/v1/runs/" + run + "/metrics?name=metric7")
                .then()
                .body("stride", equalTo(2))
                .body("series[0].points.step", equalTo(even));
    }

    private static Map<String, Object> point(int step, int second, Map<String, Double> metrics) {
        return Map.of(
                "phase",
                "train",
                "step",
                step,
                "at",
                Instant.parse("2026-01-01T00:00:00Z").plusSeconds(second).toString(),
                "metrics",
                metrics);
    }

    private Response points(String run, List<Map<String, Object>> points) {
        return given().contentType(ContentType.JSON)
                .header("Authorization", "Bearer " + token(run))
                .body(Map.of("attempt", 1, "sequence", 1, "phase", "train", "points", points))
                .post("/internal/runs/" + run + "/attempts/1/reports");
    }

    private static Response report(String run, int path, String token, int attempt, long sequence) {
        return report(run, path, token, attempt, sequence, "newest");
    }

    private static Response report(String run, int path, String token, int attempt, long sequence, String phase) {
        return given().contentType(ContentType.JSON)
                .header("Authorization", "Bearer " + token)
                .body(Map.of(
                        "attempt",
                        attempt,
                        "sequence",
                        sequence,
                        "at",
                        "2026-01-01T00:00:00Z",
                        "phase",
                        phase,
                        "done",
                        1,
                        "total",
                        2,
                        "imagesPerSecond",
                        1.5,
                        "etaSeconds",
                        2,
                        "metrics",
                        Map.of("loss", 1.0)))
                .post("/internal/runs/" + run + "/attempts/" + path + "/reports");
    }

    private String token(String run) {
        return jdbi.withHandle(handle -> handle.createQuery("select token from attempt where run_id = :run::uuid")
                .bind("run", run)
                .mapTo(String.class)
                .one());
    }
}
