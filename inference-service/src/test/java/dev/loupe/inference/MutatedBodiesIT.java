package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.SIDE;
import static dev.loupe.inference.SmallModels.png;
import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.testing.CapturedLog;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.Fuzz;
import dev.loupe.testing.Mutation;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bodies of the protocol over HTTP that were good, with bytes flipped, cut out, inserted, repeated and exchanged. */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class MutatedBodiesIT {
    private static final Set<Integer> ALLOWED = Set.of(200, 400, 404, 409, 413, 415, 422);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Fuzz BODIES = new Fuzz("bodies", 300, 40_000);

    @Inject
    TestClient client;

    @TempDir
    Path folder;

    /**
     * A good request.
     *
     * @param jsonLength value of the header for binary tensor data, 0 for none
     * @param encoding of the body
     */
    private record Seed(String path, int jsonLength, String encoding, byte[] body) {
        Response send(byte[] changed) {
            var request = given().contentType("application/octet-stream").body(changed);
            if (jsonLength > 0) {
                request.header("Inference-Header-Content-Length", jsonLength);
            }
            if (!encoding.equals("identity")) {
                request.header("Content-Encoding", encoding);
            }
            return request.post(path);
        }
    }

    @Test
    void answersOrRefusesMutatedBodiesAndContinues() throws IOException {
        Project project = Project.of(Task.ANOMALY_DETECTION);
        for (int version = 1; version <= 2; version++) {
            client.publish(project, version, "READY", SmallModels.anomalyDetector(folder.resolve("" + version)), 0.9);
        }
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);
        List<Seed> seeds = seeds(project);
        seeds.forEach(MutatedBodiesIT::assertAnswered);
        Map<Integer, Integer> statuses = new TreeMap<>();
        try (CapturedLog log = CapturedLog.begin()) {
            BODIES.run(
                    random -> {
                        int number = random.nextInt(seeds.size());
                        byte[] changed = Mutation.of(seeds.get(number).body(), random);
                        byte[] input = new byte[changed.length + 1];
                        input[0] = (byte) number;
                        System.arraycopy(changed, 0, input, 1, changed.length);
                        return input;
                    },
                    input -> {
                        Seed seed = seeds.get(input[0]);
                        Response response = seed.send(Arrays.copyOfRange(input, 1, input.length));
                        assertTrue(
                                ALLOWED.contains(response.statusCode()),
                                () -> response.statusCode() + " " + response.asString());
                        if (response.statusCode() != 200) {
                            // REST Assured's paths compile a script each time.
                            JsonNode body = JSON.readTree(response.asByteArray());
                            assertFalse(body.path("detail").asText().isEmpty());
                            assertEquals(body.path("detail"), body.path("error"));
                        }
                        if (statuses.merge(response.statusCode(), 1, Integer::sum) % 50 == 0) {
                            assertAnswered(seed);
                        }
                    });
            assertEquals(List.of(), log.lines("internal error"));
        }
        seeds.forEach(MutatedBodiesIT::assertAnswered);
        assertTrue(statuses.size() > 2, "not only one way of being wrong: " + statuses);
    }

    private static void assertAnswered(Seed seed) {
        assertEquals(200, seed.send(seed.body()).statusCode(), seed.path());
    }

    private static List<Seed> seeds(Project project) throws IOException {
        String infer = "/v2/models/" + project.name() + "/infer";
        String repository = "/v2/repository/models/" + project.name();
        byte[] json = """
                {"id": "1", "inputs": [{"name": "image", "datatype": "BYTES", "shape": [1], "data": ["%s"]}],
                 "outputs": [{"name": "anomaly_map", "parameters": {"binary_data": true}}, {"name": "anomalous"}]}""".formatted(Base64.getEncoder().encodeToString(png(Color.RED)))
                .getBytes(StandardCharsets.UTF_8);
        byte[] image = png(Color.WHITE);
        ByteBuffer element = ByteBuffer.allocate(4 + image.length).order(ByteOrder.LITTLE_ENDIAN);
        element.putInt(image.length).put(image);
        byte[] version = "{\"parameters\": {\"version\": \"2\"}}".getBytes(StandardCharsets.UTF_8);
        return List.of(
                new Seed(infer, 0, "identity", json),
                new Seed(infer, 0, "gzip", compressed("gzip", json)),
                new Seed(infer, 0, "deflate", compressed("deflate", json)),
                binary(infer, "image", "BYTES", "[1]", element.array()),
                binary(infer, "pixels", "UINT8", "[1, 2, 2, 3]", new byte[12]),
                binary(infer, "tensor", "FP16", "[1, 3, 8, 8]", new byte[2 * 3 * SIDE * SIDE]),
                new Seed("/v2/repository/index", 0, "identity", "{\"ready\": true}".getBytes(StandardCharsets.UTF_8)),
                new Seed(repository + "/load", 0, "identity", version),
                new Seed(repository + "/unload", 0, "identity", version));
    }

    private static Seed binary(String path, String name, String datatype, String shape, byte[] bytes) {
        byte[] json = """
                {"inputs": [{"name": "%s", "datatype": "%s", "shape": %s, "parameters": {"binary_data_size": %d}}]}""".formatted(name, datatype, shape, bytes.length).getBytes(StandardCharsets.UTF_8);
        byte[] body = Arrays.copyOf(json, json.length + bytes.length);
        System.arraycopy(bytes, 0, body, json.length, bytes.length);
        return new Seed(path, json.length, "identity", body);
    }

    private static byte[] compressed(String encoding, byte[] body) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream out =
                encoding.equals("gzip") ? new GZIPOutputStream(compressed) : new DeflaterOutputStream(compressed)) {
            out.write(body);
        }
        return compressed.toByteArray();
    }
}
