package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.PATIENCE;
import static dev.loupe.inference.TestClient.image;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.oip.v2.ModelInferResponse;
import dev.loupe.testing.DevstackTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class ShadowIT {
    @Inject
    TestClient client;

    @TempDir
    Path folder;

    /** Production is version 1, which says red or blue; version 2 always says the opposite. */
    private Project project() {
        Project project = Project.of(Task.CLASSIFICATION);
        publish(project, 1, SmallModels.classifier(folder.resolve(project.name() + 1), 1, List.of("red", "blue")));
        publish(project, 2, SmallModels.classifier(folder.resolve(project.name() + 2), -1, List.of("red", "blue")));
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        return project;
    }

    private void publish(Project project, int number, Path model) {
        client.publish(project, number, "READY", model, 0.9);
    }

    private static void shadow(Project project, double weight) {
        given().contentType(ContentType.JSON)
                .body(Map.of("candidate", 2, "weight", weight, "shadow", true))
                .put("/api/v1/models/{p}/aliases/production/canary", project.name())
                .then()
                .statusCode(200)
                .body("shadow", equalTo(true));
    }

    private static Response report(Project project) {
        return given().get("/api/v1/models/{p}/aliases/production/canary/disagreements", project.name());
    }

    private static double number(Project project, String path) {
        return report(project).<Number>path(path).doubleValue();
    }

    private ModelInferResponse predict(Project project, Color color) {
        return client.open().modelInfer(image(project, "", png(color)).setId("").build());
    }

    /** The lower limit of 12 of 12 is 0.025^(1/12). */
    @Test
    void shadowPredictionsAreComparedAndNeverReturned() throws Exception {
        Project project = project();
        shadow(project, 0);
        report(project).then().statusCode(200).body("images", equalTo(0), "rate", nullValue(), "lower", nullValue());
        for (int i = 0; i < 12; i++) {
            ModelInferResponse answer = predict(project, Color.RED);
            assertEquals("1", answer.getModelVersion());
            assertEquals(
                    "red",
                    answer.getOutputs(0).getContents().getBytesContents(0).toStringUtf8());
            int number = i + 1; // one after the other: none is dropped
            await().atMost(PATIENCE).untilAsserted(() -> report(project).then().body("images", equalTo(number)));
        }
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(png(Color.RED)));
        report(project)
                .then()
                .body("holder", equalTo(1), "candidate", equalTo(2), "disagreements", equalTo(12))
                .body("failed", equalTo(0), "dropped", equalTo(0))
                .body("items.size()", equalTo(12), "items[0].imageSha256", equalTo(sha256))
                .body("items[0].holderAnswer", equalTo("red"), "items[0].candidateAnswer", equalTo("blue"));
        assertEquals(1, number(project, "rate"));
        assertEquals(0.7353515306, number(project, "lower"), 1e-6);
        assertEquals(1, number(project, "upper"));
        assertEquals(Math.E / (Math.E + 1), number(project, "items[0].holderScore"), 1e-5);
        given().get("/q/metrics").then().body(containsString("loupe_shadow_images_total{outcome=\"disagreed\"}"));
    }

    @Test
    void requestsOfTheCandidateItselfAreNotShadowed() {
        Project project = project();
        given().contentType(ContentType.JSON)
                .body(Map.of("candidate", 2, "weight", 100, "shadow", true))
                .put("/api/v1/models/{p}/aliases/production/canary", project.name())
                .then()
                .statusCode(200);
        assertEquals("2", predict(project, Color.BLUE).getModelVersion());
        shadow(project, 0);
        assertEquals("1", predict(project, Color.BLUE).getModelVersion());
        await().atMost(PATIENCE).untilAsserted(() -> report(project).then().body("images", equalTo(1)));
    }

    @Test
    void shadowIsDroppedWhileTheReplicaIsBusyAndEachRequestIsAnswered() {
        Project project = Project.of(Task.CLASSIFICATION);
        publish(project, 1, SmallModels.classifier(folder.resolve("fast"), 1, List.of("red", "blue")));
        publish(project, 2, SmallModels.slowClassifier(folder.resolve("slow")));
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        shadow(project, 0);
        int requests = 200;
        long answered = IntStream.range(0, requests)
                .filter(_ -> predict(project, Color.RED).getModelVersion().equals("1"))
                .count();
        assertEquals(requests, answered);
        await().atMost(PATIENCE).untilAsserted(() -> {
            Response report = report(project);
            assertEquals(requests, report.<Integer>path("images") + report.<Integer>path("dropped"), report.asString());
            assertTrue(report.<Integer>path("dropped") > 0, report.asString());
        });
    }

    @Test
    void failuresOfTheCandidateAreCountedAndNotReturned() {
        Project project = Project.of(Task.CLASSIFICATION);
        publish(project, 1, SmallModels.classifier(folder.resolve("whole"), 1, List.of("red", "blue")));
        publish(project, 2, SmallModels.classifierWithoutGreen(folder.resolve("broken"), List.of("red", "blue")));
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        shadow(project, 0);
        assertEquals("1", predict(project, Color.GREEN).getModelVersion());
        await().atMost(PATIENCE)
                .untilAsserted(() -> report(project).then().body("failed", equalTo(1), "images", equalTo(0)));
    }

    @Test
    void abortEndsTheShadowAndItsReportRemains() {
        Project project = project();
        shadow(project, 0);
        predict(project, Color.RED);
        await().atMost(PATIENCE).untilAsserted(() -> report(project).then().body("images", equalTo(1)));
        given().contentType(ContentType.JSON)
                .post("/api/v1/models/{p}/aliases/production/canary/abort", project.name())
                .then()
                .statusCode(200)
                .body("shadow", equalTo(false));
        predict(project, Color.RED);
        report(project).then().body("images", equalTo(1));
        given().get("/api/v1/models/{p}/aliases/production/canary/disagreements?limit=201", project.name())
                .then()
                .statusCode(400)
                .body("code", equalTo("INVALID_REQUEST"));
        given().get("/api/v1/models/{p}/aliases/staging/canary/disagreements", project.name())
                .then()
                .statusCode(404)
                .body("code", equalTo("CANARY_NOT_FOUND"));
    }
}
