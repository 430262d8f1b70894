package dev.loupe.training.run;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.recipe.RecipeCatalogue;
import dev.loupe.events.v1.DatasetVersionFrozen;
import dev.loupe.events.v1.Task;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.RestFuzzer;
import dev.loupe.training.FakeTrainer;
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
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
@QuarkusTestResource(TrainerProcessResource.class)
class RunRequestIT {
    @ConfigProperty(name = "loupe.training.recipes.directory")
    Path recipes;

    @Inject
    Jdbi jdbi;

    private static final Map<String, Object> PATCHCORE = Map.of("name", "patchcore");
    private static final Map<String, Object> TRANSFER = Map.of("name", "transfer");

    @Test
    void rejectsARecipeThatDoesNotSuitTheTaskOrTheBackbone() {
        String classes = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        String items = Scene.frozen(Task.ANOMALY_DETECTION).getProjectName();
        refused(classes, PATCHCORE, "ANOMALY_DETECTION");
        refused(items, TRANSFER, "'transfer' is for CLASSIFICATION");
        refused(classes, recipe("transfer", Map.of("backbone", "random", "imageSize", 64)), "imageSize");
        refused(classes, recipe("transfer", Map.of("imageSize", 100)), "a multiple of 8, got 100");
    }

    @Test
    void aRecipeThatChoosesNamesTheBackbonesThatThereAre() {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        Scene.submit(project, Map.of("name", "auto"), FakeTrainer.SUCCEED, null)
                .then()
                .statusCode(202)
                .body(
                        "recipe.parameters.backbones",
                        startsWith("scattering"),
                        "recipe.parameters.minutes",
                        equalTo(60));
        Scene.submit(
                        Scene.frozen(Task.ANOMALY_DETECTION).getProjectName(),
                        Map.of("name", "auto-anomaly"),
                        FakeTrainer.SUCCEED,
                        null)
                .then()
                .statusCode(202)
                .body("recipe.parameters.backbones", startsWith("scattering"));
        refused(project, Map.of("name", "auto-anomaly"), "'auto-anomaly' is for ANOMALY_DETECTION");
        refused(project, recipe("auto", Map.of("backbones", "scattering,random")), "the control 'random'");
        Scene.submit(project, recipe("auto", Map.of("backbones", "none-such")), 1, null)
                .then()
                .body("code", equalTo("BACKBONE_NOT_FOUND"));
    }

    @Test
    void rejectsParametersOfAnomalyDetectorsThatTheSchemaDoesNotAllow() {
        String items = Scene.frozen(Task.ANOMALY_DETECTION).getProjectName();
        refused(
                items,
                recipe("padim", Map.of("features", 0)),
                "features: expected a whole number from 1 to 500, got 0");
        refused(
                items,
                recipe("padim", Map.of("covariance", "none")),
                "covariance: expected one of ledoit-wolf, sample, got \"none\"");
        refused(items, recipe("patchcore", Map.of("score", "mean")), "score: expected one of max, top-percent");
        refused(
                items,
                recipe("autoencoder", Map.of("imageSize", 100)),
                "imageSize: expected a whole number from 32 to 512, a multiple of 16, got 100");
        refused(
                items,
                recipe("gaussian", Map.of("variance", 1)),
                "variance: expected a number from 0.1 to 0.999, got 1");
        Scene.submit(items, Map.of("name", "padim"), FakeTrainer.SUCCEED, null)
                .then()
                .statusCode(202)
                .body(
                        "recipe.parameters.features",
                        equalTo(100),
                        "recipe.parameters.covariance",
                        equalTo("ledoit-wolf"),
                        "recipe.parameters.score",
                        equalTo("max"));
    }

    private static Map<String, Object> recipe(String name, Map<String, Object> parameters) {
        return Map.of("name", name, "parameters", parameters);
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
            refused(items, recipe("patchcore", Map.of("backbone", backbone)), "feature map");
        }
    }

    @Test
    void rejectsParametersThatTheSchemaDoesNotAllow() {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        Map<String, List<Object>> wrong = Map.of(
                "epochs", List.of(-1, "expected a whole number from 1 to 10000, got -1"),
                "learningRate", List.of(5, "expected a number from 1e-9 to 1, got 5"),
                "batchSize", List.of("many", "expected a whole number from 1 to 4096, got \"many\""),
                "imageSize", List.of(2000, "expected a whole number from 32 to 1024, a multiple of 8, got 2000"),
                "hidden", List.of(4097, "expected a whole number from 0 to 4096, got 4097"),
                "dropout", List.of(1, "expected a number from 0 to 0.9, got 1"),
                "imbalance", List.of("some", "expected one of none, weights, sampling, focal, got \"some\""),
                "coresetRatio", List.of(0.1, "'transfer' has no such parameter"));
        wrong.forEach((name, given) ->
                refused(project, recipe("transfer", Map.of(name, given.getFirst())), name + ": " + given.getLast()));
    }

    @Test
    void servesTheCatalogue() {
        given().get("/api/v1/recipes")
                .then()
                .statusCode(200)
                .body(
                        "items.name",
                        hasItems(
                                "patchcore",
                                "padim",
                                "gaussian",
                                "autoencoder",
                                "student-teacher",
                                "transfer",
                                "scratch"));
        given().get("/api/v1/recipes/transfer")
                .then()
                .statusCode(200)
                .body(
                        "task",
                        equalTo("CLASSIFICATION"),
                        "parameters.properties.epochs.default",
                        equalTo(60),
                        "parameters.properties.backbone.format",
                        equalTo("backbone"));
        given().get("/api/v1/recipes/none").then().statusCode(404).body("code", equalTo("RECIPE_NOT_FOUND"));
    }

    @Test
    void trainsARecipeOfAJarThatIsAddedWhileTheServiceRuns() throws IOException {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        Map<String, Object> toy = recipe("toy", Map.of("steps", 3));
        Scene.submit(project, toy, 1, null).then().statusCode(404).body("code", equalTo("RECIPE_NOT_FOUND"));
        try (OutputStream file =
                        Files.newOutputStream(Files.createDirectories(recipes).resolve("toy.jar"));
                JarOutputStream jar = new JarOutputStream(file)) {
            jar.putNextEntry(new ZipEntry(RecipeCatalogue.RESOURCE));
            jar.write("""
                    [{"name": "toy", "task": "CLASSIFICATION", "summary": "A toy", "parameters": {"type": "object",
                      "additionalProperties": false, "properties": {
                        "steps": {"type": "integer", "default": 5, "minimum": 1, "maximum": 10},
                        "bias": {"type": "number", "default": 0.5}}}}]""".getBytes(StandardCharsets.UTF_8));
        }

        given().get("/api/v1/recipes").then().body("items.name", hasItems("transfer", "toy"));
        refused(project, recipe("toy", Map.of("steps", 11)), "steps: expected a whole number from 1 to 10, got 11");
        String run = Scene.submit(project, toy, 1, null)
                .then()
                .statusCode(202)
                .body("recipe.name", equalTo("toy"), "recipe.parameters", equalTo(Map.of("steps", 3, "bias", 0.5f)))
                .extract()
                .path("id");
        Scene.awaitState(run, "SUCCEEDED");
    }

    @Test
    void migratesRecipesOfStoredRuns() throws IOException {
        String run = Scene.run(1);
        String migration;
        try (InputStream sql = RunRequestIT.class.getResourceAsStream("/db/migration/V60__recipe_catalogue.sql")) {
            migration = new String(sql.readAllBytes(), StandardCharsets.UTF_8);
        }
        jdbi.useHandle(handle -> {
            handle.createUpdate("update run set recipe = :recipe::json where id = :id::uuid")
                    .bind("id", run)
                    .bind("recipe", """
                            {"type": "CLASSIFICATION_TRANSFER", "backbone": "random", "imageSize": null,
                             "epochs": 3, "batchSize": null, "learningRate": null, "coresetRatio": null}""")
                    .execute();
            handle.execute(migration.substring(migration.indexOf("update run")));
        });

        Scene.get(run)
                .then()
                .body(
                        "recipe.name",
                        equalTo("transfer"),
                        "recipe.parameters",
                        equalTo(Map.of("backbone", "random", "epochs", 3, "batchSize", 64, "learningRate", 0.003f)));
    }

    @Test
    void comparesRunsSideBySide() {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        String first = Scene.run(project, 1);
        String second = Scene.submit(project, recipe("transfer", Map.of("epochs", 3)), 7, null)
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
                        hasItems("recipe", "backbone", "epochs", "batchSize", "learningRate", "seed", "datasetVersion"),
                        "parameters.findAll { it.differs }.name",
                        equalTo(List.of("epochs", "seed")))
                .body("parameters[2].values", equalTo(List.of(60, 3)))
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
        bad(Map.of("project", project, "recipe", Map.of()), "recipe");
        bad(Map.of("project", project, "recipe", Map.of("name", "transfer", "epochs", 3)), "epochs");
        bad(Map.of("project", project, "recipe", TRANSFER, "colour", 1), "colour");
        bad(Map.of("project", project, "recipe", TRANSFER, "datasetVersion", 0), "datasetVersion");
        bad(Map.of("project", project, "recipe", TRANSFER, "seed", "seven"), "seed");
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
        Scene.submit(project, Map.of("name", "magic"), 1, null)
                .then()
                .statusCode(404)
                .body("code", equalTo("RECIPE_NOT_FOUND"), "detail", containsString("transfer"));
        for (String backbone : List.of("not-imported", "random:not-imported")) {
            Scene.submit(project, recipe("transfer", Map.of("backbone", backbone)), 1, null)
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
        RestFuzzer surface = RestFuzzer.of(
                RestAssured.port,
                given().accept("application/json").get("/openapi").path("$"));
        assertEquals(List.of(), surface.violations());
    }
}
