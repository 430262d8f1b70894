package dev.loupe.training.search;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.events.v1.Task;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.training.FakeTrainer;
import dev.loupe.training.Scene;
import dev.loupe.training.TrainerProcessResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
@QuarkusTestResource(TrainerProcessResource.class)
class SearchIT {
    private static final Map<String, Object> RATE = Map.of("min", 1e-4, "max", 1e-1, "log", true);

    @Inject
    Searches searches;

    @Inject
    SearchRules rules;

    @Inject
    SearchReconciler reconciler;

    @Inject
    Jdbi jdbi;

    private static Response post(String project, Map<String, Object> more) {
        Map<String, Object> body = new HashMap<>(Map.of(
                "project",
                project,
                "recipe",
                Map.of("name", "transfer"),
                "space",
                Map.of("learningRate", RATE),
                "method",
                "RANDOM",
                "trials",
                3,
                "seed",
                FakeTrainer.SUCCEED));
        body.putAll(more);
        return given().contentType(ContentType.JSON).body(body).post("/api/v1/searches");
    }

    private static String start(Map<String, Object> more) {
        return post(Scene.frozen(Task.CLASSIFICATION).getProjectName(), more)
                .then()
                .statusCode(202)
                .body("state", equalTo("SEARCHING"))
                .extract()
                .path("id");
    }

    private static ValidatableResponse get(String search) {
        return given().get("/api/v1/searches/" + search).then().statusCode(200);
    }

    private static ValidatableResponse ended(String search, String state) {
        await("search " + search + " is " + state)
                .atMost(Duration.ofMinutes(4))
                .until(() -> get(search).extract().path("state").equals(state));
        return get(search);
    }

    @Test
    void aSearchMeasuresTrialsOnDevAndRegistersTheBestAsAnOrdinaryRun() {
        String search = start(Map.of("method", "TPE", "trials", 6, "parallel", 2));
        for (int i = 0; i < 4; i++) { // as replicas would
            Thread.ofVirtual().start(() -> {
                while (searches.require(search).status().state() == SearchState.SEARCHING) {
                    reconciler.advance(UUID.fromString(search));
                    LockSupport.parkNanos(50_000_000);
                }
            });
        }
        ValidatableResponse over = ended(search, "SUCCEEDED");

        over.body("counts.total", is(6), "counts.succeeded", is(6), "counts.failed", is(0), "objective", is("accuracy"))
                .body(
                        "results.number",
                        equalTo(List.of(1, 2, 3, 4, 5, 6)),
                        "results.runState",
                        everyItem(is("SUCCEEDED")))
                .body("best.rank", is(1), "warnings[0]", containsString("2 DEV images"))
                .body("results.seconds", everyItem(is(1.5f)), "results.trainedEpochs", everyItem(is(1)));
        List<Float> metrics = over.extract().path("results.metric");
        float best = over.extract().path("best.metric");
        assertEquals(metrics.stream().max(Float::compare).orElseThrow(), best);
        String trial = over.extract().path("best.run");
        Scene.get(trial)
                .then()
                .body("devOnly", is(true), "register", is(false), "search", is(search))
                .body("devMetrics.accuracy", is(best), "metrics.size()", is(0));
        Float rate = over.extract().path("best.parameters.learningRate");
        Scene.get(over.extract().path("finalRun"))
                .then()
                .body("devOnly", is(false), "register", is(true), "search", is(search), "metrics.accuracy", is(0.75f))
                .body("recipe.parameters.learningRate", is(rate));
        assertEquals(7, runs(search), "the trials and the final run, each once");
        String chosen = over.extract().path("finalRun");
        given().get("/api/v1/runs?trials=false")
                .then()
                .body("items.id", hasItem(chosen), "items.findAll { it.devOnly }.size()", is(0));
        given().get("/api/v1/runs?trials=all")
                .then()
                .statusCode(400)
                .body("detail", is("trials: expected true or false, got 'all'"));
        given().get("/api/v1/evaluations?run=" + trial).then().body("items.size()", is(0));
        given().contentType(ContentType.JSON)
                .body(Map.of("run", trial, "datasetVersion", 1))
                .post("/api/v1/evaluations")
                .then()
                .statusCode(422)
                .body("code", is("EVALUATION_INVALID"), "detail", containsString("trial"));
        proposalsAreThoseThatTheResultsGive(search);
    }

    /** The trials of a search follow from its plan and its results, as they are stored. */
    private void proposalsAreThoseThatTheResultsGive(String search) {
        Search stored = searches.require(search);
        List<PastTrial> past =
                searches.trials(stored.id()).stream().map(Trial::past).toList();
        Proposals proposals = new Proposals(rules.plan(stored));
        for (int i = 0; i < past.size(); i++) {
            assertEquals(
                    past.get(i).parameters(),
                    proposals.next(past.subList(0, i)).getFirst().parameters(),
                    "trial " + (i + 1));
        }
    }

    private int runs(String search) {
        return jdbi.withHandle(handle -> handle.createQuery("select count(*) from run where search_id = :search")
                .bind("search", UUID.fromString(search))
                .mapTo(Integer.class)
                .one());
    }

    @Test
    void aTrialThatFailsCountsWithItsReasonAndDoesNotEndTheSearch() {
        String search = start(Map.of(
                "space", Map.of("batchSize", Map.of("values", List.of(FakeTrainer.FAILING_BATCH_SIZE, 16, 32)))));
        ended(search, "SUCCEEDED")
                .body("counts.succeeded", is(2), "counts.failed", is(1))
                .body("results.reason", hasItem(containsString("DATA: the images cannot be decoded")))
                .body("best.parameters.batchSize", not(FakeTrainer.FAILING_BATCH_SIZE));
    }

    @Test
    void aSearchFailsIfAllTrialsFail() {
        String search = start(Map.of("seed", FakeTrainer.FAIL, "trials", 2));
        ended(search, "FAILED")
                .body("reason", containsString("all 2 trials failed"), "finalRun", nullValue(), "best", nullValue());
    }

    @Test
    void successiveHalvingTrainsTheBestAgainWithMoreEpochs() {
        String search = start(Map.of(
                "method",
                "SUCCESSIVE_HALVING",
                "recipe",
                Map.of("name", "transfer", "parameters", Map.of("epochs", 8)),
                "reductionFactor",
                2,
                "trials",
                4));
        ValidatableResponse over = ended(search, "SUCCEEDED")
                .body("results.rung", equalTo(List.of(0, 0, 0, 0, 1, 1, 2)))
                .body("results.epochs", equalTo(List.of(2, 2, 2, 2, 4, 4, 8)))
                .body("best.number", is(7), "counts.total", is(7));
        Scene.get(over.extract().path("results[0].run")).then().body("recipe.parameters.epochs", is(2));
        Scene.get(over.extract().path("finalRun")).then().body("recipe.parameters.epochs", is(8));
    }

    @Test
    void cancellingEndsTheRunsAndDeletingRemovesThem() {
        String search = start(Map.of("seed", FakeTrainer.HOLD, "trials", 4, "parallel", 2));
        await().atMost(Duration.ofMinutes(2))
                .until(() -> get(search).extract().path("counts.running").equals(2));
        given().delete("/api/v1/searches/" + search).then().statusCode(409).body("code", is("SEARCH_NOT_FINISHED"));

        given().post("/api/v1/searches/" + search + "/cancel")
                .then()
                .statusCode(200)
                .body("state", is("CANCELLED"));
        given().post("/api/v1/searches/" + search + "/cancel").then().statusCode(200);
        await().atMost(Duration.ofMinutes(2))
                .until(() -> get(search).extract().path("counts.running").equals(0));
        get(search)
                .body("results.state", everyItem(is("CANCELLED")), "results.runState", everyItem(is("CANCELLED")))
                .body("finalRun", nullValue(), "finishedAt", notNullValue());

        String run = get(search).extract().path("results[0].run");
        await().atMost(Duration.ofMinutes(2))
                .until(() -> given().delete("/api/v1/searches/" + search).statusCode() == 204);
        given().get("/api/v1/searches/" + search).then().statusCode(404).body("code", is("SEARCH_NOT_FOUND"));
        Scene.get(run).then().statusCode(404);
    }

    @Test
    void aFinishedSearchCannotBeCancelledAndIsListed() {
        String search = start(Map.of("trials", 1));
        ended(search, "SUCCEEDED");
        given().post("/api/v1/searches/" + search + "/cancel")
                .then()
                .statusCode(409)
                .body("code", is("SEARCH_FINISHED"));
        String project = get(search).extract().path("project");
        given().get("/api/v1/searches?project=" + project + "&state=SUCCEEDED")
                .then()
                .statusCode(200)
                .body("items.id", equalTo(List.of(search)), "items[0].results", nullValue());
    }

    /** What a step stores is all or nothing: here the trial cannot be stored, so its run must not exist either. */
    @Test
    void aStepThatIsInterruptedLeavesNoRunAndIsRepeated() {
        jdbi.useHandle(handle -> handle.execute("""
                create function refuse_trial() returns trigger language plpgsql as
                    $$ begin raise exception 'interrupted'; end $$"""));
        jdbi.useHandle(
                handle -> handle.execute(
                        "create trigger refuse_trial before insert on search_trial for each row execute function refuse_trial()"));
        String search;
        try {
            search = start(Map.of("trials", 1));
            for (int i = 0; i < 3; i++) {
                reconciler.advance(UUID.fromString(search));
            }
            assertEquals(0, runs(search));
            get(search).body("state", is("SEARCHING"), "results.size()", is(0));
        } finally {
            jdbi.useHandle(handle -> handle.execute("drop trigger refuse_trial on search_trial"));
        }
        ended(search, "SUCCEEDED").body("results.size()", is(1));
        assertEquals(2, runs(search));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "space  | {\"warmth\": {\"min\": 1, \"max\": 2}}            | 422 | SEARCH_INVALID  | no parameter 'warmth'",
                "space  | {\"learningRate\": {\"min\": 0, \"max\": 3}}      | 422 | SEARCH_INVALID  | got 0 and 3",
                "space  | {\"batchSize\": {\"min\": 1.5, \"max\": 3}}       | 422 | SEARCH_INVALID  | a whole number",
                "space  | {\"batchSize\": {\"values\": [16, 0]}}            | 422 | SEARCH_INVALID  | got 0",
                "space  | {\"backbone\": {\"min\": 1, \"max\": 2}}          | 422 | SEARCH_INVALID  | expected values",
                "space  | {\"batchSize\": {\"values\": [16, 32]}}           | 422 | SEARCH_INVALID  | at most 2",
                "trials | 5000                                              | 422 | SEARCH_INVALID  | at most 1000",
                "trials | 0                                                 | 400 | INVALID_REQUEST | trials",
                "method | \"GRID\"                                          | 400 | INVALID_REQUEST | SUCCESSIVE_HALVING",
                "objective | \"speed\"                                      | 422 | SEARCH_INVALID  | macroF1",
                "minEpochs | 2                                              | 422 | SEARCH_INVALID  | SUCCESSIVE_HALVING",
                "parallel | 65                                              | 422 | SEARCH_INVALID  | at most 64",
                "recipe | {\"name\": \"none\"}                              | 404 | RECIPE_NOT_FOUND | expected one of",
                "recipe | {\"name\": \"patchcore\"}                         | 422 | SEARCH_INVALID  | no parameter 'learningRate'"
            })
    void refusesWhatCannotSucceed(String field, String value, int status, String code, String detail)
            throws IOException {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        Object json = new ObjectMapper().readValue(value, Object.class);
        post(project, Map.of(field, json))
                .then()
                .statusCode(status)
                .body("code", is(code), "detail", containsString(detail));
    }

    @Test
    void aQuotaLimitsParallelTrials() {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        given().contentType(ContentType.JSON)
                .body(Map.of("maxRuns", 2))
                .put("/api/v1/quotas/" + project)
                .then()
                .statusCode(200);
        post(project, Map.of("parallel", 3))
                .then()
                .statusCode(422)
                .body("code", is("SEARCH_INVALID"), "detail", containsString("at most 2 trials at the same time"));
    }

    @Test
    void theSpaceOfTheCatalogueIsTheDefault() {
        String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
        Map<String, Object> body =
                Map.of("project", project, "recipe", Map.of("name", "transfer"), "seed", FakeTrainer.HOLD);
        String search = given().contentType(ContentType.JSON)
                .body(body)
                .post("/api/v1/searches")
                .then()
                .statusCode(202)
                .body("space.learningRate.log", is(true), "method", is("TPE"), "trials", is(20))
                .extract()
                .path("id");
        given().post("/api/v1/searches/" + search + "/cancel").then().statusCode(200);
    }
}
