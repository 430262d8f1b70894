package dev.loupe.training.run;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.events.v1.Task;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.training.Scene;
import dev.loupe.training.dataset.FrozenVersion;
import dev.loupe.training.dataset.FrozenVersions;
import dev.loupe.training.launch.TrainerResources;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The queue in the database, without the reconciler. */
@QuarkusTest
@TestProfile(QueueIT.NoReconciler.class)
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
class QueueIT {
    private static final int TRAINERS = 6;

    @Inject
    Jdbi jdbi;

    @Inject
    RunTransitions transitions;

    @Inject
    Runs runs;

    @Inject
    FrozenVersions versions;

    public static class NoReconciler implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "loupe.training.reconcile-interval",
                    "1000h",
                    "loupe.training.max-concurrent-runs",
                    Integer.toString(TRAINERS),
                    "loupe.training.process.classpath-file",
                    "/dev/null");
        }
    }

    @BeforeEach
    @AfterEach
    void emptyTheQueue() {
        jdbi.useHandle(handle -> handle.execute(
                "update run set state = 'CANCELLED' where state in " + "('QUEUED', 'STARTING', 'RUNNING')"));
    }

    @Test
    void ofTwoHundredRunsNoneStartsOverQuotaAndTheOrderIsByPriorityThenByFairness() {
        List<String> projects = List.of(project(), project(), project(), project());
        Map<String, Integer> quotas = Map.of(projects.get(0), 1, projects.get(1), 2);
        quotas.forEach(
                (project, most) -> quota(project, "{\"maxRuns\": " + most + "}").statusCode(200));
        Random random = new Random(4);
        Map<UUID, Run> waiting = new LinkedHashMap<>();
        for (int i = 0; i < 200; i++) {
            UUID id = submit(projects.get(random.nextInt(4)), random.nextInt(3), 0);
            waiting.put(id, runs.find(id).orElseThrow());
        }
        Map<UUID, Run> active = new LinkedHashMap<>();
        Set<UUID> started = new HashSet<>();
        while (!waiting.isEmpty()) {
            List<UUID> admitted = transitions.startAttempts(TRAINERS);
            for (UUID id : admitted) {
                Run run = waiting.remove(id);
                assertTrue(started.add(id), "a run starts once");
                assertItWasItsTurn(run, waiting.values(), held(active), quotas);
                active.put(id, run);
            }
            held(active)
                    .forEach((project, held) ->
                            assertTrue(held <= quotas.getOrDefault(project, TRAINERS), project + " holds " + held));
            assertTrue(active.size() <= TRAINERS);
            UUID over = new ArrayList<>(active.keySet()).get(random.nextInt(active.size()));
            assertTrue(transitions.fail(runs.find(over).orElseThrow(), "it was its time"));
            active.remove(over);
        }
        assertEquals(200, started.size());
    }

    @Test
    void gpusAreCountedToo() {
        String project = project();
        quota(project, "{\"maxGpus\": 3}").statusCode(200);
        List<UUID> asked = List.of(submit(project, 0, 2), submit(project, 0, 2), submit(project, 0, 1));

        assertEquals(asked.subList(0, 1), transitions.startAttempts(TRAINERS));
        Scene.get(asked.get(1).toString())
                .then()
                .body("state", equalTo("QUEUED"))
                .body("queue.reason", equalTo("it asks for 2 GPUs, and the project uses 2 of its 3"));
    }

    @Test
    void theProjectsOfATenantShareItsQuota() {
        String tenant = "t" + UUID.randomUUID().toString().substring(0, 8);
        List<String> projects = List.of(project(tenant + ".bolts"), project(tenant + ".nuts"));
        String quota = "tenants/" + tenant;
        quota(quota, "{\"maxRuns\": 2}").statusCode(200).body("maxRuns", equalTo(2), "maxGpus", nullValue());
        List<UUID> asked =
                List.of(submit(projects.get(0), 0, 0), submit(projects.get(1), 0, 0), submit(projects.get(1), 0, 0));
        UUID other = submit(project(), 0, 0);

        assertEquals(Set.of(asked.get(0), asked.get(1), other), Set.copyOf(transitions.startAttempts(TRAINERS)));
        Scene.get(asked.get(2).toString())
                .then()
                .body("state", equalTo("QUEUED"))
                .body("queue.reason", equalTo("2 of the tenant's 2 runs have a trainer"));

        quota(quota, "{\"maxRuns\": -1}").statusCode(400).body("detail", containsString("0 or more, got -1"));
        quota("tenants/No", "{}").statusCode(404).body("code", equalTo("TENANT_NOT_FOUND"));
        quota(quota, "{\"maxGpus\": 5}").statusCode(200);
        given().get("/api/v1/quotas/" + quota).then().body("maxRuns", nullValue(), "maxGpus", equalTo(5));
        assertEquals(List.of(asked.get(2)), transitions.startAttempts(TRAINERS));
    }

    @Test
    void aWaitingRunKnowsItsPlaceItsReasonAndWhenItIsExpectedToStart() {
        String project = project();
        UUID late = submit(project, 0, 0);
        jdbi.useHandle(handle -> handle.execute("""
                update run set state = 'SUCCEEDED', finished_at = now(), started_at = now() - interval '100 seconds'
                where id = ?""", late));
        List<UUID> asked = new ArrayList<>();
        for (int i = 0; i <= TRAINERS; i++) {
            asked.add(submit(project, 0, 0));
        }
        UUID urgent = submit(project, 50, 0);
        assertEquals(urgent, transitions.startAttempts(TRAINERS).getFirst());

        Scene.get(asked.getLast().toString())
                .then()
                .body("queue.position", equalTo(2), "queue.of", equalTo(2))
                .body("reason", equalTo("place 2 of 2 in the queue: 6 of 6 trainers are busy"))
                .body("queue.estimatedStart", notNullValue())
                .body("queue.basis", containsString("6 at a time"), "queue.basis", containsString("that succeeded"));
        Scene.get(urgent.toString()).then().body("priority", equalTo(50), "queue", nullValue());
    }

    @Test
    void quotasAreShownAndRefusedWhenTheyMakeNoSense() {
        String project = project();
        quota(project, "{\"maxRuns\": 2, \"maxGpus\": 4, \"weight\": 2.5}").statusCode(200);
        given().get("/api/v1/quotas/" + project)
                .then()
                .body("maxRuns", equalTo(2), "maxGpus", equalTo(4), "weight", equalTo(2.5f));
        given().get("/api/v1/quotas").then().body("items.find { it.project == '" + project + "' }.maxRuns", equalTo(2));
        given().get("/api/v1/quotas/" + project())
                .then()
                .statusCode(200)
                .body("maxRuns", nullValue(), "weight", equalTo(1.0f));

        quota(project, "{\"maxRuns\": -1}").statusCode(400).body("detail", containsString("0 or more, got -1"));
        quota(project, "{\"weight\": 0}").statusCode(400).body("detail", containsString("greater than 0"));
        quota("no-project", "{}").statusCode(404).body("code", equalTo("PROJECT_NOT_FOUND"));
    }

    /** No run of a higher priority waits, and no project that holds less, but for those at their quota. */
    private static void assertItWasItsTurn(
            Run run, Iterable<Run> others, Map<String, Integer> held, Map<String, Integer> quotas) {
        for (Run other : others) {
            int holds = held.getOrDefault(other.data().project(), 0);
            if (holds < quotas.getOrDefault(other.data().project(), TRAINERS)) {
                assertTrue(
                        run.settings().priority() >= other.settings().priority(),
                        other + " was more urgent than " + run);
                assertTrue(
                        run.settings().priority() > other.settings().priority()
                                || held.getOrDefault(run.data().project(), 0) <= holds,
                        other + " was of a project that holds less");
            }
        }
    }

    private static Map<String, Integer> held(Map<UUID, Run> active) {
        Map<String, Integer> held = new HashMap<>();
        active.values().forEach(run -> held.merge(run.data().project(), 1, Integer::sum));
        return held;
    }

    private static String project() {
        return Scene.frozen(Task.CLASSIFICATION).getProjectName();
    }

    private static String project(String name) {
        Scene.freeze(Scene.version(Task.CLASSIFICATION).setProjectName(name).build());
        return name;
    }

    private UUID submit(String project, int priority, int gpus) {
        FrozenVersion version = versions.require(project, 1);
        Recipe recipe = Recipe.of("scratch");
        return transitions.submit(
                new Submission(version, null, null, recipe, 1, true, priority, TrainerResources.DEFAULT, gpus), "test");
    }

    private static io.restassured.response.ValidatableResponse quota(String project, String body) {
        return given().contentType(ContentType.JSON)
                .body(body)
                .put("/api/v1/quotas/" + project)
                .then();
    }
}
