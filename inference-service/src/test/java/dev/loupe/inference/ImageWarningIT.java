package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.image;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import dev.loupe.events.v1.Task;
import dev.loupe.imaging.ImageConditions.Measure;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.inference.v1.DetectAnomalyRequest;
import dev.loupe.inference.v1.DetectAnomalyResponse;
import dev.loupe.inference.v1.ImageWarning;
import dev.loupe.inference.v1.ModelSelector;
import dev.loupe.model.NormalRange;
import dev.loupe.model.NormalRange.Limits;
import dev.loupe.oip.v2.InferParameter;
import dev.loupe.oip.v2.InferTensorContents;
import dev.loupe.oip.v2.ModelInferRequest;
import dev.loupe.oip.v2.ModelInferRequest.InferInputTensor;
import dev.loupe.oip.v2.ModelInferResponse;
import dev.loupe.oip.v2.ModelMetadataRequest;
import dev.loupe.testing.DevstackTestResource;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class ImageWarningIT {
    /** The images are of 20 x 10 pixels of one grey value: brightness that value, sharpness 0, aspect ratio 2, size 20. */
    private static final byte[] USUAL = png(new Color(110, 110, 110));

    private static final byte[] BRIGHT = png(new Color(153, 153, 153));
    private static final int OLD = 1;
    private static final int WITH_RANGE = 2;
    private static final int SQUARE = 3;
    private static final int PRODUCTS = 4;

    @Inject
    TestClient client;

    @TempDir
    Path folder;

    private Project project;

    @BeforeEach
    void publish() {
        project = Project.of(Task.ANOMALY_DETECTION);
        client.publish(project, OLD, "READY", SmallModels.anomalyDetector(folder.resolve("old")), 0.9);
        client.publish(project, WITH_RANGE, "READY", detector("range", new Limits(1.9, 2.1)), 0.9);
        client.publish(project, SQUARE, "READY", detector("square", new Limits(0.9, 1.1)), 0.9);
    }

    private Path detector(String name, Limits aspectRatio) {
        NormalRange range = new NormalRange(
                40,
                Map.of(
                        Measure.BRIGHTNESS, new Limits(100, 120),
                        Measure.SHARPNESS, new Limits(0, 1),
                        Measure.ASPECT_RATIO, aspectRatio,
                        Measure.SIZE, new Limits(18, 22)));
        return SmallModels.anomalyDetector(folder.resolve(name), range);
    }

    private DetectAnomalyResponse detect(int version, byte[] image) {
        return detect(version, image, "");
    }

    private DetectAnomalyResponse detect(int version, byte[] image, String product) {
        return client.typed()
                .detectAnomaly(DetectAnomalyRequest.newBuilder()
                        .setSelector(ModelSelector.newBuilder()
                                .setModel(project.name())
                                .setVersion(String.valueOf(version)))
                        .setImage(ByteString.copyFrom(image))
                        .setProduct(product)
                        .build());
    }

    @Test
    void warnsOfAnImageOutsideTheRangeAndLeavesTheScore() {
        DetectAnomalyResponse warned = detect(WITH_RANGE, BRIGHT);
        assertEquals(1, warned.getWarningsCount());
        ImageWarning warning = warned.getWarnings(0);
        assertEquals("brightness", warning.getMeasure());
        assertEquals(153, warning.getValue(), 0.01);
        assertEquals(100, warning.getMinimum());
        assertEquals(120, warning.getMaximum());

        DetectAnomalyResponse old = detect(OLD, BRIGHT);
        assertEquals(0, old.getWarningsCount());
        assertEquals(old.getAnomalyScore(), warned.getAnomalyScore());
        assertEquals(old.getAnomalous(), warned.getAnomalous());
    }

    @Test
    void doesNotWarnOfAUsualImage() {
        assertEquals(0, detect(WITH_RANGE, USUAL).getWarningsCount());
        assertFalse(infer(image(project, "2", USUAL).build()).containsParameters("image_warnings"));
        predict(WITH_RANGE, USUAL).body("anomaly.warnings", nullValue());
    }

    @Test
    void warnsOverHttp() {
        predict(WITH_RANGE, BRIGHT)
                .body("anomaly.warnings.measure", contains("brightness"))
                .body("anomaly.warnings[0].minimum", equalTo(100f), "anomaly.warnings[0].maximum", equalTo(120f))
                .body("anomaly.warnings[0].message", containsString("too bright"));
        predict(OLD, BRIGHT).body("anomaly.warnings", nullValue());
    }

    private io.restassured.response.ValidatableResponse predict(int version, byte[] image) {
        return predict(String.valueOf(version), image, 200);
    }

    private io.restassured.response.ValidatableResponse predict(String version, byte[] image, int status) {
        return given().contentType("image/png")
                .body(image)
                .post("/api/v1/models/" + project.name() + "/predict?version=" + version)
                .then()
                .statusCode(status);
    }

    @Test
    void namesTheImageOfABatch() throws Exception {
        InferInputTensor input = InferInputTensor.newBuilder()
                .setName("image")
                .setDatatype("BYTES")
                .addShape(2)
                .setContents(InferTensorContents.newBuilder()
                        .addBytesContents(ByteString.copyFrom(USUAL))
                        .addBytesContents(ByteString.copyFrom(BRIGHT)))
                .build();
        JsonNode warnings = warnings(request(WITH_RANGE, input));
        assertEquals(1, warnings.size());
        assertEquals(1, warnings.path(0).path("image").asInt());
        assertEquals("brightness", warnings.path(0).path("measure").asText());
    }

    /** The client prepared the image: its shape is not known. */
    @Test
    void measuresOfATensorWhatIsInIt() throws Exception {
        assertEquals(
                List.of("aspectRatio"),
                detect(SQUARE, USUAL).getWarningsList().stream()
                        .map(ImageWarning::getMeasure)
                        .toList());
        int side = SmallModels.SIDE;
        InferInputTensor input = InferInputTensor.newBuilder()
                .setName("tensor")
                .setDatatype("FP32")
                .addAllShape(List.of(1L, 3L, (long) side, (long) side))
                .setContents(InferTensorContents.newBuilder()
                        .addAllFp32Contents(Collections.nCopies(3 * side * side, 153 / 255f)))
                .build();
        JsonNode warnings = warnings(request(SQUARE, input));
        assertEquals(1, warnings.size());
        assertEquals("brightness", warnings.path(0).path("measure").asText());
        assertEquals(153, warnings.path(0).path("value").asDouble(), 0.01);
    }

    /** Grey of 153 is .6 light: nearest to the product light, of which its distance is .4. */
    @Test
    void comparesWithTheProductThatARequestNames() {
        client.publish(project, PRODUCTS, "READY", SmallModels.productDetector(folder.resolve("products")), 0.9);
        DetectAnomalyResponse nearest = detect(PRODUCTS, BRIGHT, "");
        assertEquals("light", nearest.getProduct());
        assertEquals(0.4, nearest.getAnomalyScore(), 1e-5);
        assertFalse(nearest.getAnomalous());
        DetectAnomalyResponse told = detect(PRODUCTS, BRIGHT, "dark");
        assertEquals("dark", told.getProduct());
        assertEquals(0.6, told.getAnomalyScore(), 1e-5);
        assertEquals("dark", detect(PRODUCTS, BRIGHT, " dark\u00a0").getProduct(), "spaces around it do not count");
        assertEquals("light", detect(PRODUCTS, BRIGHT, " ").getProduct());
        assertEquals("", detect(OLD, BRIGHT, "dark").getProduct(), "a version without products ignores it");
        assertEquals("", detect(OLD, BRIGHT, "x".repeat(1_000)).getProduct());
        infer(image(project, String.valueOf(OLD), BRIGHT)
                .putParameters(
                        "product", InferParameter.newBuilder().setInt64Param(5).build())
                .build());

        String message = assertThrows(StatusRuntimeException.class, () -> detect(PRODUCTS, BRIGHT, "cup"))
                .getStatus()
                .getDescription();
        assertEquals("product 'cup': expected one of dark, light", message);
        assertEquals(
                Code.INVALID_ARGUMENT,
                assertThrows(StatusRuntimeException.class, () -> detect(PRODUCTS, BRIGHT, "x".repeat(201)))
                        .getStatus()
                        .getCode());

        ModelInferResponse open = infer(image(project, String.valueOf(PRODUCTS), BRIGHT)
                .putParameters(
                        "product",
                        InferParameter.newBuilder().setStringParam("dark").build())
                .build());
        assertEquals("[\"dark\"]", open.getParametersOrThrow("products").getStringParam());
        assertEquals(
                "dark\nlight",
                client.open()
                        .modelMetadata(ModelMetadataRequest.newBuilder()
                                .setName(project.name())
                                .setVersion(String.valueOf(PRODUCTS))
                                .build())
                        .getPropertiesOrThrow("products"));

        predict(PRODUCTS + "&product=dark", BRIGHT, 200)
                .body("anomaly.product", equalTo("dark"))
                .body("anomaly.anomalous", equalTo(true));
        predict(PRODUCTS + "&product=cup", BRIGHT, 400).body("detail", containsString("expected one of dark, light"));
        predict(OLD, BRIGHT).body("anomaly.product", nullValue());
    }

    private ModelInferRequest request(int version, InferInputTensor input) {
        return ModelInferRequest.newBuilder()
                .setModelName(project.name())
                .setModelVersion(String.valueOf(version))
                .addInputs(input)
                .build();
    }

    private JsonNode warnings(ModelInferRequest request) throws Exception {
        return new ObjectMapper()
                .readTree(infer(request).getParametersOrThrow("image_warnings").getStringParam());
    }

    private ModelInferResponse infer(ModelInferRequest request) {
        return client.open().modelInfer(request);
    }
}
