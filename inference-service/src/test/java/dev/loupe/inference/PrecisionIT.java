package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.image;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.inference.v1.ClassifyRequest;
import dev.loupe.inference.v1.ModelSelector;
import dev.loupe.oip.v2.ModelInferResponse;
import dev.loupe.oip.v2.ModelMetadataRequest;
import dev.loupe.testing.CapturedLog;
import dev.loupe.testing.CapturedLog.Line;
import dev.loupe.testing.DevstackTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica that is configured to serve models with 8-bit integers. */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class PrecisionIT {
    @Inject
    TestClient client;

    @TempDir
    Path folder;

    private final Project project = Project.of(Task.CLASSIFICATION);

    @Test
    void servesTheModelWithIntegersAndEachAnswerNamesIt() {
        client.publish(project, 1, "READY", SmallModels.quantizedClassifier(folder.resolve("int8"), true), 0.9);

        client.version(project, 1).then().body("precision", equalTo("int8"));
        given().body(png(Color.RED))
                .contentType("image/png")
                .post("/api/v1/models/{p}/predict?version=1", project.name())
                .then()
                .statusCode(200)
                .body("precision", equalTo("int8"), "classification.label", equalTo("red"));
        assertEquals("int8", precision(1));
        assertEquals(
                "int8",
                client.open()
                        .modelMetadata(ModelMetadataRequest.newBuilder()
                                .setName(project.name())
                                .setVersion("1")
                                .build())
                        .getPropertiesOrThrow("precision"));
        assertEquals(
                "int8",
                client.typed()
                        .classify(ClassifyRequest.newBuilder()
                                .setSelector(ModelSelector.newBuilder()
                                        .setModel(project.name())
                                        .setVersion("1"))
                                .setImage(ByteString.copyFrom(png(Color.RED)))
                                .build())
                        .getProvenance()
                        .getPrecision());
    }

    private String precision(int version) {
        ModelInferResponse answer = client.open()
                .modelInfer(
                        image(project, String.valueOf(version), png(Color.RED)).build());
        return answer.getParametersOrThrow("precision").getStringParam();
    }

    @Test
    void tellsTheFiguresOfBothPrecisions() {
        client.publish(project, 1, "READY", SmallModels.quantizedClassifier(folder.resolve("int8"), true), 0.9);
        given().get("/api/v1/models/{p}/versions/1/quantization", project.name())
                .then()
                .statusCode(200)
                .body("accepted", equalTo(true), "reason", nullValue())
                .body("metric", equalTo("accuracy"), "fp32", equalTo(0.953f), "int8", equalTo(0.951f))
                .body("agreement", equalTo(0.995f), "images", equalTo(412), "calibrationImages", equalTo(200));
    }

    @Test
    void servesTheModelWithFloatsIfTheOtherOneDoesNotReproduceItsParitySamples() {
        try (CapturedLog log = CapturedLog.begin()) {
            client.publish(project, 1, "READY", SmallModels.quantizedClassifier(folder.resolve("wrong"), false), 0.9);
            List<Line> lines = log.lines("model '" + project.name() + "' version 1 is served with fp32");
            assertEquals(1, lines.size());
            assertTrue(lines.getFirst().text().contains("parity sample parity/"), lines.toString());
        }
        client.version(project, 1).then().body("precision", equalTo("fp32"));
        assertEquals("fp32", precision(1));
    }

    @Test
    void servesAVersionWithoutSuchAModelWithFloats() {
        client.publish(
                project, 1, "READY", SmallModels.classifier(folder.resolve("fp32"), 2, List.of("red", "blue")), 0.9);
        assertEquals("fp32", precision(1));
        given().get("/api/v1/models/{p}/versions/1/quantization", project.name())
                .then()
                .statusCode(200)
                .body("accepted", equalTo(false), "reason", startsWith("the training did not try it"));
    }

    @Test
    void refusesTheFiguresOfAVersionThatDoesNotExist() {
        client.publish(
                project, 1, "READY", SmallModels.classifier(folder.resolve("fp32"), 2, List.of("red", "blue")), 0.9);
        given().get("/api/v1/models/{p}/versions/7/quantization", project.name())
                .then()
                .statusCode(404)
                .body("code", equalTo("MODEL_VERSION_NOT_FOUND"));
        given().get("/api/v1/models/{p}/versions/1/quantization", "no-such-project")
                .then()
                .statusCode(404)
                .body("code", equalTo("MODEL_NOT_FOUND"));
    }
}
