package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.testing.DevstackTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class ReviewIT {
    private static final String QUEUE = "/api/v1/models/{p}/review-queue";
    private static final String PREDICTION = "/api/v1/models/{p}/predictions/{id}";

    @Inject
    TestClient client;

    @Inject
    Jdbi jdbi;

    @TempDir
    Path folder;

    private Project detector() {
        Project project = Project.of(Task.ANOMALY_DETECTION);
        client.publish(project, 1, "READY", SmallModels.anomalyDetector(folder.resolve(project.name())), 0.9);
        log(project, false);
        return project;
    }

    private static void log(Project project, boolean keepImages) {
        given().contentType(ContentType.JSON)
                .body(Map.of("mode", "FULL", "keepImages", keepImages))
                .put("/api/v1/models/{p}/prediction-log", project.name())
                .then()
                .statusCode(200);
    }

    /** Predicts an image of this colour, and waits until the prediction is logged. */
    private static String logged(Project project, Color color) {
        String id = given().body(png(color))
                .post("/api/v1/models/{p}/predict?version=1", project.name())
                .then()
                .statusCode(200)
                .extract()
                .path("predictionId");
        await().atMost(TestClient.PATIENCE)
                .until(() -> given().get(PREDICTION, project.name(), id).statusCode() == 200);
        return id;
    }

    private static String grey(Project project, int value) {
        return logged(project, new Color(value, value, value));
    }

    private static List<String> queue(Project project, String parameters) {
        return given().get(QUEUE + parameters, project.name())
                .then()
                .statusCode(200)
                .extract()
                .path("items.id");
    }

    @Test
    void scoresNearestToTheThresholdComeFirst() {
        Project project = detector();
        String black = grey(project, 0); // score 0
        String above = grey(project, 153); // score 0.6
        String below = grey(project, 115); // score 0.451: the nearest to 0.5
        assertEquals(List.of(below, above, black), queue(project, "?kind=NEAR_THRESHOLD"));
        assertEquals(List.of(below), queue(project, "?kind=NEAR_THRESHOLD&limit=1"));
        assertEquals(List.of(), queue(project, "?kind=NEAR_THRESHOLD&version=2"));
        assertEquals(List.of(), queue(project, "?kind=CONTESTED"), "a detector has no margins");
    }

    @Test
    void aTimeThatIsTooLongAgoIsRefused() {
        Project project = detector();
        given().get(QUEUE + "?from=" + Instant.now().minus(Duration.ofDays(32)), project.name())
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"), "detail", containsString("last 31 days"));
        assertEquals(List.of(), queue(project, "?from=" + Instant.now().minus(Duration.ofDays(30))));
    }

    @Test
    void labelsWithTheSmallestMarginComeFirst() {
        Project project = Project.of(Task.CLASSIFICATION);
        client.publish(
                project, 1, "READY", SmallModels.classifier(folder.resolve("two"), 2, List.of("red", "blue")), 0.9);
        log(project, false);
        String clear = logged(project, Color.RED);
        String contested = logged(project, new Color(140, 0, 120));
        assertEquals(List.of(contested, clear), queue(project, "?kind=CONTESTED"));
        assertEquals(List.of(), queue(project, "?kind=NEAR_THRESHOLD"), "a classifier has no threshold");
    }

    @Test
    void onlyPredictionsOfDriftedWindowsAreInTheirQueue() {
        Project project = detector();
        grey(project, 51);
        String second = grey(project, 51);
        String third = grey(project, 51);
        String fourth = grey(project, 51);
        window(project, second, third, true);
        window(project, fourth, fourth, false);
        assertEquals(List.of(third, second), queue(project, "?kind=DRIFTED"));
    }

    private void window(Project project, String first, String last, boolean drifted) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into drift_window (id, project_id, version, first_id, last_id, started_at, ended_at,
                            images, tests, drifted)
                        values (:id, :project, 1, :first, :last, now(), now(), 2, '[]', :drifted)""")
                .bind("id", UUID.randomUUID())
                .bind("project", project.id())
                .bind("first", UUID.fromString(first))
                .bind("last", UUID.fromString(last))
                .bind("drifted", drifted)
                .execute());
    }

    @Test
    void sampleIsTheSameInEachRequestUntilPredictionsAreDecidedOn() {
        Project project = detector();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ids.add(grey(project, 51));
        }
        List<String> sample = queue(project, "");
        assertEquals(Set.copyOf(ids), Set.copyOf(sample));
        assertEquals(sample, queue(project, "?kind=AUDIT"));

        given().put(PREDICTION + "/reviewed", project.name(), sample.get(0))
                .then()
                .statusCode(204);
        given().put(PREDICTION + "/reviewed", project.name(), sample.get(0))
                .then()
                .statusCode(204);
        given().contentType(ContentType.JSON)
                .body(Map.of("label", "normal"))
                .put(PREDICTION + "/outcome", project.name(), sample.get(2))
                .then()
                .statusCode(200);
        assertEquals(List.of(sample.get(1), sample.get(3)), queue(project, ""));
    }

    @Test
    void queueCanBeOfPredictionsWhoseImageIsKept() {
        Project project = detector();
        grey(project, 51);
        log(project, true);
        String kept = grey(project, 51);
        assertEquals(List.of(kept), queue(project, "?withImage=true"));
        given().get(QUEUE, project.name()).then().body("kind", equalTo("AUDIT"), "items", hasSize(2));
    }

    @ParameterizedTest
    @CsvSource({"?limit=0, 400, limit", "?limit=101, 400, limit", "?from=yesterday, 400, from"})
    void wrongParametersAreRefused(String parameters, int status, String named) {
        given().get(QUEUE + parameters, detector().name())
                .then()
                .statusCode(status)
                .body("code", equalTo("INVALID_REQUEST"), "detail", containsString(named));
    }

    @Test
    void predictionThatIsNotLoggedCannotBeTakenOut() {
        given().put(PREDICTION + "/reviewed", detector().name(), "01a00000-0000-7000-8000-000000000000")
                .then()
                .statusCode(404)
                .body("code", equalTo("PREDICTION_NOT_FOUND"));
    }
}
