package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.SIDE;
import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.image;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.closeTo;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.inference.v1.DetectAnomalyRequest;
import dev.loupe.inference.v1.ModelSelector;
import dev.loupe.oip.v2.ModelInferResponse;
import dev.loupe.testing.DevstackTestResource;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.awt.Color;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Predictions over HTTP: the Open Inference Protocol, and an image as the body. */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class HttpPredictionIT {
    private static final String JSON_LENGTH = "Inference-Header-Content-Length";
    /** softmax(2, 0), by hand: what the classifier of gain 2 says of pure red. */
    private static final double RED = Math.exp(2) / (Math.exp(2) + 1);

    @Inject
    TestClient client;

    @Inject
    MeterRegistry metrics;

    @TempDir
    Path folder;

    @AfterEach
    void allMemoryReturns() {
        await().atMost(TestClient.PATIENCE)
                .until(() -> metrics.get("loupe.messages.reserved").gauge().value() == 0);
    }

    private Project classifier() {
        Project project = Project.of(Task.CLASSIFICATION);
        client.publish(project, 1, "READY", SmallModels.classifier(folder, 2, List.of("red", "blue")), 0.9);
        return project;
    }

    private Project anomalyDetector() {
        Project project = Project.of(Task.ANOMALY_DETECTION);
        client.publish(project, 1, "READY", SmallModels.anomalyDetector(folder), 0.9);
        return project;
    }

    private static String base64(Color color) {
        return Base64.getEncoder().encodeToString(png(color));
    }

    private static Map<String, Object> input(String name, String datatype, List<?> shape, List<?> data) {
        return Map.of("name", name, "datatype", datatype, "shape", shape, "data", data);
    }

    private static Response infer(Project project, Object body) {
        return given().contentType(ContentType.JSON).body(body).post("/v2/models/{m}/versions/1/infer", project.name());
    }

    @Test
    void anImageAsTheBodyIsClassified() {
        Project project = classifier();
        for (String type : List.of("image/png", "application/octet-stream")) {
            given().contentType(type)
                    .body(png(Color.BLUE))
                    .post("/api/v1/models/{p}/predict?version=1", project.name())
                    .then()
                    .statusCode(200)
                    .body("version", equalTo(1))
                    .body("task", equalTo("CLASSIFICATION"))
                    .body("classification.label", equalTo("blue"))
                    .body("classification.probabilities[0].label", equalTo("blue"))
                    .body("anomaly", nullValue());
        }
        double score = number(
                given().body(png(Color.RED))
                        .contentType("image/png")
                        .post("/api/v1/models/{p}/predict?version=1", project.name()),
                "classification.score");
        assertEquals(RED, score, 1e-6);
    }

    @Test
    void anImageAsTheBodyGetsAScoreAndOnRequestTheHeatmapThatGrpcReturns() throws IOException {
        Project project = anomalyDetector();
        Response plain = given().contentType("image/png")
                .body(png(Color.WHITE))
                .post("/api/v1/models/{p}/predict?version=1", project.name());
        plain.then()
                .statusCode(200)
                .body("anomaly.anomalous", equalTo(true))
                .body("anomaly.heatmapPng", nullValue())
                .body("classification", nullValue());
        assertEquals(1, number(plain, "anomaly.score"), 1e-6);
        assertEquals(SmallModels.THRESHOLD, number(plain, "anomaly.threshold"), 1e-9);

        byte[] heatmap = Base64.getDecoder()
                .decode(given().contentType("image/png")
                        .body(png(Color.WHITE))
                        .post("/api/v1/models/{p}/predict?version=1&heatmap=true", project.name())
                        .<String>path("anomaly.heatmapPng"));
        assertArrayEquals(
                client.typed()
                        .detectAnomaly(DetectAnomalyRequest.newBuilder()
                                .setSelector(ModelSelector.newBuilder()
                                        .setModel(project.name())
                                        .setVersion("1"))
                                .setImage(ByteString.copyFrom(png(Color.WHITE)))
                                .setHeatmap(true)
                                .build())
                        .getHeatmapPng()
                        .toByteArray(),
                heatmap);
        assertTrue(ImageIO.read(new ByteArrayInputStream(heatmap)).getWidth() >= 20);
    }

    @Test
    void jsonGivesTheNumbersOfGrpc() {
        Project project = classifier();
        ModelInferResponse grpc =
                client.open().modelInfer(image(project, "1", png(Color.RED)).build());
        Response http = infer(
                project,
                Map.of(
                        "id",
                        "id-1",
                        "inputs",
                        List.of(input("image", "BYTES", List.of(2), List.of(base64(Color.RED), base64(Color.BLUE))))));
        http.then()
                .statusCode(200)
                .contentType(ContentType.JSON)
                .body("id", equalTo("id-1"))
                .body("model_name", equalTo(project.name()))
                .body("model_version", equalTo("1"))
                .body("outputs.name", equalTo(List.of("label", "score", "probabilities")))
                .body("outputs.datatype", equalTo(List.of("BYTES", "FP32", "FP32")))
                .body("outputs[0].data", equalTo(List.of("red", "blue")))
                .body("outputs[2].shape", equalTo(List.of(2, 2)));
        assertEquals(grpc.getOutputs(1).getContents().getFp32Contents(0), number(http, "outputs[1].data[0]"));
        assertEquals(
                grpc.getOutputs(2).getContents().getFp32ContentsList(),
                http.<List<Float>>path("outputs[2].data").subList(0, 2));
    }

    @Test
    void aNestedTensorInJsonIsPredicted() {
        Project project = classifier();
        List<List<Integer>> ones = Collections.nCopies(SIDE, Collections.nCopies(SIDE, 1));
        List<List<Integer>> zeros = Collections.nCopies(SIDE, Collections.nCopies(SIDE, 0));
        infer(
                        project,
                        Map.of(
                                "inputs",
                                List.of(input(
                                        "tensor",
                                        "FP32",
                                        List.of(1, 3, SIDE, SIDE),
                                        List.of(List.of(ones, zeros, zeros)))),
                                "outputs",
                                List.of(Map.of("name", "score"))))
                .then()
                .statusCode(200)
                .body("outputs.name", equalTo(List.of("score")))
                .body("outputs[0].data[0].toDouble()", closeTo(RED, 1e-6));
    }

    @Test
    void binaryInputsAndOutputsFollowTheJson() throws IOException {
        Project project = anomalyDetector();
        byte[] image = png(Color.WHITE);
        ByteBuffer element = ByteBuffer.allocate(4 + image.length).order(ByteOrder.LITTLE_ENDIAN);
        element.putInt(image.length).put(image);
        byte[] json = """
                {"inputs": [{"name": "image", "datatype": "BYTES", "shape": [1],
                             "parameters": {"binary_data_size": %d}}],
                 "outputs": [{"name": "anomaly_score", "parameters": {"binary_data": true}},
                             {"name": "anomalous"},
                             {"name": "anomaly_map", "parameters": {"binary_data": true}}]}""".formatted(element.capacity()).getBytes(StandardCharsets.UTF_8);
        Response response = given().header(JSON_LENGTH, json.length)
                .contentType("application/octet-stream")
                .body(joined(json, element.array()))
                .post("/v2/models/{m}/versions/1/infer", project.name());
        response.then().statusCode(200).contentType("application/octet-stream");
        int length = Integer.parseInt(response.header(JSON_LENGTH));
        byte[] body = response.asByteArray();
        String answer = new String(body, 0, length, StandardCharsets.UTF_8);
        ByteBuffer binary = ByteBuffer.wrap(body, length, body.length - length).order(ByteOrder.LITTLE_ENDIAN);
        assertTrue(answer.contains("\"data\":[true]"), answer);
        assertEquals(4 + 4 * SIDE * SIDE, binary.remaining());
        assertEquals(1f, binary.getFloat(), 1e-6, "the score");
        assertEquals(1f, binary.getFloat(), 1e-6, "the map's first value");
    }

    @Test
    void allOutputsAreBinaryIfTheRequestSaysSo() {
        Project project = anomalyDetector();
        Response response = infer(
                project,
                Map.of(
                        "parameters",
                        Map.of("binary_data_output", true, "unknown", Map.of("is", "ignored")),
                        "inputs",
                        List.of(input("image", "BYTES", List.of(1), List.of(base64(Color.WHITE))))));
        response.then().statusCode(200);
        assertNotNull(response.header(JSON_LENGTH));
        assertEquals(5, response.asByteArray().length - Integer.parseInt(response.header(JSON_LENGTH)));
    }

    @Test
    void returnsClassesInTritonsFormOnRequest() {
        infer(
                        classifier(),
                        Map.of(
                                "inputs",
                                List.of(input("image", "BYTES", List.of(1), List.of(base64(Color.BLUE)))),
                                "outputs",
                                List.of(Map.of("name", "probabilities", "parameters", Map.of("classification", 1)))))
                .then()
                .statusCode(200)
                .body("outputs[0].data[0]", containsString(":1:blue"));
    }

    static Stream<Arguments> badRequests() {
        Object image = input("image", "BYTES", List.of(1), List.of("AAAA"));
        return Stream.of(
                Arguments.of("{\"inputs\": [", 400, "not valid JSON"),
                Arguments.of("[]", 400, "expected an object"),
                Arguments.of("", 400, "got nothing"),
                Arguments.of("{}", 400, "expected exactly one"),
                Arguments.of("{} {}", 400, "expected one JSON object"),
                Arguments.of(Map.of("inputs", "image"), 400, "inputs: expected a list"),
                Arguments.of(Map.of("inputs", List.of(image, image)), 400, "expected exactly one"),
                Arguments.of(Map.of("inputs", Collections.nCopies(9, image)), 400, "inputs: expected at most 8"),
                Arguments.of(
                        Map.of("inputs", List.of(input("image", "BYTES", List.of(1), List.of("no base64!")))),
                        400,
                        "base64"),
                Arguments.of(
                        Map.of("inputs", List.of(input("image", "BYTES", List.of(2), List.of("AAAA")))),
                        400,
                        "requires 2 elements, got 1"),
                Arguments.of(
                        Map.of("inputs", List.of(input("image", "BYTES", List.of(1), List.of(7)))),
                        400,
                        "does not allow fp32_contents"),
                Arguments.of(
                        Map.of(
                                "inputs",
                                List.of(input("image", "BYTES", List.of(33), Collections.nCopies(33, "AAAA")))),
                        400,
                        "at most 32 images"),
                Arguments.of(
                        Map.of("inputs", List.of(input("tensor", "FP32", List.of(1, 3, 8, 8), List.of(1, 2)))),
                        400,
                        "requires 192 values, got 2"),
                Arguments.of(
                        "{\"inputs\": [{\"name\": \"tensor\", \"datatype\": \"FP32\", \"shape\": [1, 3, 8, 8], \"data\": ["
                                + "1e99,".repeat(191) + "1]}]}",
                        400,
                        "expected finite values"),
                Arguments.of(
                        "{\"inputs\": [{\"data\": " + "[".repeat(5000) + "]".repeat(5000) + "}]}",
                        400,
                        "levels of lists"),
                Arguments.of(Map.of("inputs", List.of(image)), 415, "image 0"),
                Arguments.of(
                        Map.of("inputs", List.of(image), "outputs", List.of(Map.of("name", "label"))), 400, "outputs"),
                Arguments.of(
                        Map.of(
                                "inputs",
                                List.of(Map.of(
                                        "name",
                                        "image",
                                        "datatype",
                                        "BYTES",
                                        "shape",
                                        List.of(1),
                                        "parameters",
                                        Map.of("binary_data_size", 9)))),
                        400,
                        "binary_data_size: expected 0..0"));
    }

    private static Project detector;

    @ParameterizedTest
    @MethodSource("badRequests")
    void namesWhatIsWrongAndAnswersTheNextRequest(Object body, int status, String words) {
        if (detector == null) {
            detector = anomalyDetector();
        }
        infer(detector, body)
                .then()
                .statusCode(status)
                .contentType(ContentType.JSON)
                .body("error", containsString(words))
                .body("detail", containsString(words))
                .body("code", equalTo(status == 415 ? "IMAGE_UNSUPPORTED" : "INVALID_REQUEST"));
        infer(detector, Map.of("inputs", List.of(input("image", "BYTES", List.of(1), List.of(base64(Color.WHITE))))))
                .then()
                .statusCode(200);
    }

    @Test
    void anUnknownModelIsNotFound() {
        for (String path : List.of("/v2/models/nothing", "/v2/models/nothing/ready")) {
            given().get(path).then().statusCode(404).body("code", equalTo("MODEL_NOT_FOUND"));
        }
        given().body(png(Color.RED))
                .contentType("image/png")
                .post("/api/v1/models/nothing/predict")
                .then()
                .statusCode(404)
                .contentType("application/problem+json")
                .body("code", equalTo("MODEL_NOT_FOUND"));
    }

    @Test
    void metadataAndReadinessAreThoseOfGrpc() {
        Project project = classifier();
        given().get("/v2/health/live").then().statusCode(200).body("live", equalTo(true));
        given().get("/v2/health/ready").then().statusCode(200).body("ready", equalTo(true));
        given().get("/v2").then().statusCode(200).body("name", equalTo("loupe"));
        given().get("/v2/models/{m}/versions/1/ready", project.name())
                .then()
                .statusCode(200)
                .body("ready", equalTo(true));
        given().get("/v2/models/{m}/versions/1", project.name())
                .then()
                .statusCode(200)
                .body("inputs.name", equalTo(List.of("image", "tensor", "pixels")))
                .body("inputs[1].shape", equalTo(List.of(-1, 3, SIDE, SIDE)))
                .body("properties.labels", equalTo("red\nblue"));
        given().get("/v2/models/{m}", project.name())
                .then()
                .statusCode(404)
                .body("error", containsString("production"));
    }

    @Test
    void bodiesBeyondTheirLimitsAreRefusedBeforeTheyAreRead() throws IOException {
        String tooLarge = raw("POST /api/v1/models/any/predict HTTP/1.1\r\nHost: localhost\r\n"
                + "Content-Type: image/png\r\nContent-Length: " + ((16 << 20) + 1) + "\r\n\r\n");
        assertTrue(tooLarge.startsWith("HTTP/1.1 413"), tooLarge);
        assertTrue(tooLarge.contains("REQUEST_TOO_LARGE"), tooLarge);
        given().contentType(ContentType.JSON)
                .body(" ".repeat(65 << 10) + "{\"version\": 1}")
                .put("/api/v1/models/any/aliases/production")
                .then()
                .statusCode(413);
        assertTrue(raw("PUT /api/v1/models/any/aliases/production HTTP/1.1\r\nHost: localhost\r\n"
                        + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
                .startsWith("HTTP/1.1 411"));
    }

    @Test
    void aBodyThatArrivesInChunksIsAccepted() throws IOException {
        Project project = classifier();
        byte[] image = png(Color.RED);
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(("POST /api/v1/models/" + project.name() + "/predict?version=1 HTTP/1.1\r\n"
                        + "Host: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + Integer.toHexString(image.length) + "\r\n")
                .getBytes(StandardCharsets.UTF_8));
        request.writeBytes(image);
        request.writeBytes("\r\n0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        assertTrue(exchange(request.toByteArray()).contains("\"label\":\"red\""));
    }

    @Test
    void requestsThatExceedTheMemoryTogetherAreRefusedWithoutHarm() throws Exception {
        Project project = classifier();
        byte[] begin = ("POST /api/v1/models/" + project.name()
                        + "/predict?version=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
                        + (10 << 20) + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
        try (Socket first = new Socket("localhost", RestAssured.port);
                Socket second = new Socket("localhost", RestAssured.port)) {
            first.getOutputStream().write(begin);
            second.getOutputStream().write(begin);
            await().atMost(TestClient.PATIENCE)
                    .until(() -> metrics.get("loupe.messages.reserved").gauge().value() == 2 * (10 << 20));
            // 20 of 24 MiB are reserved: five more do not fit.
            given().contentType("image/png")
                    .body(new byte[5 << 20])
                    .post("/api/v1/models/{p}/predict?version=1", project.name())
                    .then()
                    .statusCode(503)
                    .header("Retry-After", "1")
                    .body("code", equalTo("OVERLOADED"));
            given().contentType("image/png")
                    .body(png(Color.RED))
                    .post("/api/v1/models/{p}/predict?version=1", project.name())
                    .then()
                    .statusCode(200);
        }
    }

    private static double number(Response response, String path) {
        return response.<Number>path(path).doubleValue();
    }

    private static String raw(String request) throws IOException {
        return exchange((request.replaceFirst("\r\n", "\r\nConnection: close\r\n")).getBytes(StandardCharsets.UTF_8));
    }

    private static String exchange(byte[] request) throws IOException {
        try (Socket socket = new Socket("localhost", RestAssured.port)) {
            socket.getOutputStream().write(request);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static byte[] joined(byte[] one, byte[] two) throws IOException {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        joined.write(one);
        joined.write(two);
        return joined.toByteArray();
    }
}
