package dev.loupe.training.run;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.devstack.DevstackTestResource;
import dev.loupe.devstack.RestSurface;
import dev.loupe.events.v1.DatasetVersionFrozen;
import dev.loupe.events.v1.Task;
import dev.loupe.training.Networks;
import dev.loupe.training.Scene;
import dev.loupe.training.TrainerProcessResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
@QuarkusTestResource(TrainerProcessResource.class)
class RunRequestIT {
    private static final Map<String, Object> PATCHCORE = Map.of("type", "ANOMALY_PATCHCORE");
    private static final Map<String, Object> TRANSFER = Map.of("type", "CLASSIFICATION_TRANSFER");

    @Test
    void aRecipeThatDoesNotSuitTheTaskIsRefusedInWords() {
        String classes = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        String items = Scene.frozen(Task.ANOMALY_DETECTION).getProjectName();
        refused(classes, Map.of("type", "ANOMALY_PATCHCORE"), "ANOMALY_DETECTION");
        refused(items, TRANSFER, "CLASSIFICATION_TRANSFER is for CLASSIFICATION");
        refused(items, Map.of("type", "ANOMALY_PATCHCORE", "epochs", 3), "epochs");
        refused(items, Map.of("type", "ANOMALY_PATCHCORE", "learningRate", 0.1), "learningRate");
        refused(classes, Map.of("type", "CLASSIFICATION_TRANSFER", "coresetRatio", 0.1), "coresetRatio");
        refused(classes, Map.of("type", "CLASSIFICATION_SCRATCH", "backbone", "scattering"), "backbone");
        refused(classes, Map.of("type", "CLASSIFICATION_TRANSFER", "backbone", "random", "imageSize", 64), "imageSize");
        refused(classes, Map.of("type", "CLASSIFICATION_TRANSFER", "imageSize", 100), "multiples of 8");
    }

    @Test
    void refusesRunsThatCannotSucceed() {
        DatasetVersionFrozen fewNormal = Scene.version(Task.ANOMALY_DETECTION)
                .setTrainImages(1)
                .setDevImages(0)
                .build();
        Scene.freeze(fewNormal);
        refused(fewNormal.getProjectName(), PATCHCORE, "normal DEV images");

        String vector = "vector-" + UUID.randomUUID();
        given().contentType("application/octet-stream")
                .body(Networks.withoutMaps())
                .post("/api/v1/backbones?name=" + vector)
                .then()
                .statusCode(201);
        String items = Scene.frozen(Task.ANOMALY_DETECTION).getProjectName();
        for (String backbone : List.of(vector, "random:" + vector)) {
            refused(items, Map.of("type", "ANOMALY_PATCHCORE", "backbone", backbone), "feature map");
        }
    }

    @Test
    void parametersOutOfRangeAreRefusedWithTheRange() {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        Map<String, Object> wrong = Map.of(
                "epochs", -1, "learningRate", 5, "batchSize", 0, "imageSize", 2000, "coresetRatio", 2, "momentum", 0.9);
        Map<String, String> expected = Map.of(
                "epochs", "epochs: expected a whole number from 1 to 10000, got -1",
                "learningRate", "learningRate: expected a number from 1e-9 to 1, got 5",
                "batchSize", "batchSize: expected a whole number from 1 to 4096, got 0",
                "imageSize", "imageSize: expected a whole number of pixels from 32 to 1024, got 2000",
                "coresetRatio", "coresetRatio: expected a number from 1e-6 to 1, got 2",
                "momentum", "momentum");
        wrong.forEach((name, value) -> bad(
                Map.of("project", project, "recipe", Map.of("type", "CLASSIFICATION_TRANSFER", name, value)),
                expected.get(name)));
    }

    @Test
    void comparesRunsSideBySide() {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        String first = Scene.run(project, 1);
        String second = Scene.submit(project, Map.of("type", "CLASSIFICATION_TRANSFER", "epochs", 3), 7, null)
                .path("id");
        DatasetVersionFrozen other = Scene.version(Task.CLASSIFICATION)
                .setTestDigest("01".repeat(32))
                .build();
        Scene.freeze(other);
        String third = Scene.run(other.getProjectName(), 1);
        Scene.awaitState(first, "SUCCEEDED");

        given().get("/api/v1/runs/compare?ids=" + first + "," + second)
                .then()
                .statusCode(200)
                .body("sameTestImages", equalTo(true), "runs.id", equalTo(List.of(first, second)))
                .body(
                        "parameters.name",
                        equalTo(List.of("recipe", "backbone", "epochs", "seed", "datasetVersion")),
                        "parameters.differs",
                        equalTo(List.of(false, false, true, true, false)))
                .body("parameters[2].values", equalTo(Arrays.asList(null, 3)))
                .body("metrics.name", equalTo(List.of("accuracy")), "metrics[0].values[0]", equalTo(0.75f));
        given().get("/api/v1/runs/compare?ids=" + first + "," + third)
                .then()
                .statusCode(200)
                .body("sameTestImages", equalTo(false));
        for (String ids : List.of("", first, first + "," + first, first + ",")) {
            int status = given().get("/api/v1/runs/compare?ids=" + ids).statusCode();
            assertEquals(ids.endsWith(",") ? 404 : 400, status, ids);
        }
        given().get("/api/v1/runs/compare?ids=" + first + "," + UUID.randomUUID())
                .then()
                .statusCode(404)
                .body("code", equalTo("RUN_NOT_FOUND"));
    }

    private static void refused(String project, Map<String, Object> recipe, String why) {
        Scene.submit(project, recipe, 1, null)
                .then()
                .statusCode(422)
                .body("code", equalTo("RECIPE_INVALID"), "detail", containsString(why));
    }

    @Test
    void aRequestThatMakesNoSenseIsABadOne() {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        bad(Map.of("project", project), "recipe");
        bad(Map.of("project", " ", "recipe", TRANSFER), "project");
        bad(Map.of("project", project, "recipe", Map.of()), "type is missing");
        bad(Map.of("project", project, "recipe", Map.of("type", "MAGIC")), "MAGIC");
        bad(Map.of("project", project, "recipe", TRANSFER, "colour", 1), "colour");
        bad(Map.of("project", project, "recipe", TRANSFER, "datasetVersion", 0), "datasetVersion");
        bad(Map.of("project", project, "recipe", TRANSFER, "seed", "seven"), "seed");
        bad(
                Map.of("project", project, "recipe", Map.of("type", "CLASSIFICATION_TRANSFER", "epochs", 0)),
                "epochs: expected a whole number");
        given().contentType(ContentType.TEXT)
                .body("x")
                .post("/api/v1/runs")
                .then()
                .statusCode(415);
        given().contentType(ContentType.JSON)
                .body("{")
                .post("/api/v1/runs")
                .then()
                .statusCode(400);
        given().get("/api/v1/runs?limit=0").then().statusCode(400);
        given().get("/api/v1/runs?cursor=***").then().statusCode(400).body("code", equalTo("INVALID_CURSOR"));
        given().get("/api/v1/runs?cursor=eA").then().statusCode(400).body("code", equalTo("INVALID_CURSOR"));
        given().get("/api/v1/runs?project=nosuch")
                .then()
                .statusCode(404)
                .body("code", equalTo("PROJECT_NOT_FOUND"), "detail", containsString("nosuch"));
        given().get("/api/v1/runs?state=DONE").then().statusCode(400).body("detail", containsString("QUEUED"));
    }

    private static ValidatableResponse bad(Map<String, Object> body, String why) {
        return given().contentType(ContentType.JSON)
                .body(body)
                .post("/api/v1/runs")
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"), "detail", containsString(why));
    }

    @Test
    void whatIsNotThereIsNotFound() {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        Scene.submit("unknown-project", TRANSFER, 1, null)
                .then()
                .statusCode(404)
                .body("code", equalTo("DATASET_VERSION_NOT_FOUND"), "retryable", equalTo(true));
        given().contentType(ContentType.JSON)
                .body(Map.of("project", project, "datasetVersion", 7, "recipe", TRANSFER))
                .post("/api/v1/runs")
                .then()
                .statusCode(404)
                .body("code", equalTo("DATASET_VERSION_NOT_FOUND"));
        for (String backbone : List.of("not-imported", "random:not-imported")) {
            Scene.submit(project, Map.of("type", "CLASSIFICATION_TRANSFER", "backbone", backbone), 1, null)
                    .then()
                    .statusCode(404)
                    .body("code", equalTo("BACKBONE_NOT_FOUND"), "detail", containsString("not-imported"));
        }
        for (String path : List.of("", "/attempts", "/events", "/logs")) {
            given().get("/api/v1/runs/" + UUID.randomUUID() + path)
                    .then()
                    .statusCode(404)
                    .body("code", equalTo("RUN_NOT_FOUND"));
            given().get("/api/v1/runs/no-uuid" + path).then().statusCode(404);
        }
    }

    @Test
    void aRequestThatIsRepeatedMakesOneRun() {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        String key = UUID.randomUUID().toString();
        String first = submit(key, project, 1).then().statusCode(202).extract().path("id");
        submit(key, project, 1).then().statusCode(202).body("id", equalTo(first));
        submit(key, project, 3).then().statusCode(422).body("code", equalTo("IDEMPOTENCY_KEY_REUSED"));
        given().get("/api/v1/runs?project=" + project).then().body("items.size()", equalTo(1));
    }

    private static Response submit(String key, String project, long seed) {
        return given().header("Idempotency-Key", key)
                .contentType(ContentType.JSON)
                .body(Map.of("project", project, "recipe", TRANSFER, "seed", seed))
                .post("/api/v1/runs");
    }

    @Test
    void listsComeInPages() {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        String id = Scene.run(project, 1);
        String second = Scene.run(project, 1);
        Response first = given().get("/api/v1/runs?limit=1&project=" + project);
        assertEquals(List.of(second), first.path("items.id"));
        assertTrue(first.header("Link").contains("rel=\"next\""), first.header("Link"));
        given().get("/api/v1/runs?limit=1&project=" + project + "&cursor=" + first.path("nextCursor"))
                .then()
                .body("items.id", equalTo(List.of(id)));
    }

    @Test
    void everyErrorOfTheRestApiIsAShortProblemDocument() {
        RestSurface surface = RestSurface.of(
                RestAssured.port,
                given().accept("application/json").get("/openapi").path("$"));
        assertEquals(List.of(), surface.violations());
    }
}
