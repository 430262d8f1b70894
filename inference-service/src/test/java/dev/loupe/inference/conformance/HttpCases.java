package dev.loupe.inference.conformance;

import static dev.loupe.inference.SmallModels.SIDE;
import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.conformance.ConformanceServer.elements;
import static dev.loupe.inference.conformance.ConformanceServer.fp16;
import static dev.loupe.inference.conformance.ConformanceServer.redTensor;
import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.inference.TestClient.Project;
import io.restassured.RestAssured;
import io.restassured.config.DecoderConfig;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.awt.Color;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** The protocol over HTTP, with Triton's extensions. */
final class HttpCases {
    private static final String SERVER = "HTTP: server, models, repository, statistics";
    private static final String INFER = "HTTP: `infer`";
    private static final String BINARY = "HTTP: binary tensor data";
    private static final String COMPRESSION = "HTTP: compression";
    private static final String JSON_LENGTH = "Inference-Header-Content-Length";
    private static final String NO_MODEL = "404 MODEL_NOT_FOUND";
    private static final String NO_VERSION = "404 MODEL_VERSION_NOT_FOUND";
    private static final String INVALID = "400 INVALID_REQUEST";
    private static final String IMAGE =
            "{\"name\": \"image\", \"datatype\": \"BYTES\", \"shape\": [1], \"data\": [\"%s\"]}"
                    .formatted(Base64.getEncoder().encodeToString(png(Color.RED)));

    private HttpCases() {}

    static List<ConformanceCase> models() {
        return List.of(
                get("`GET /v2`", "", "OK", r -> assertEquals("loupe", r.path("name"))),
                get("`GET /v2/health/live`", "/health/live", "OK", r -> assertEquals(true, r.path("live"))),
                get("`GET /v2/health/ready`", "/health/ready", "OK", r -> assertEquals(true, r.path("ready"))),
                get(
                        "`GET /v2/models/M`",
                        "/models/{classifier}",
                        "OK",
                        r -> assertEquals(List.of("image", "tensor", "pixels"), r.path("inputs.name"))),
                get("`GET /v2/models/M` of an unknown model", "/models/none-such", NO_MODEL, _ -> {}),
                get("`GET …/versions/V` of an unknown version", "/models/{classifier}/versions/7", NO_VERSION, _ -> {}),
                get("`GET …/ready`", "/models/{classifier}/versions/2/ready", "OK", _ -> {}),
                get(
                        "`GET …/ready` of a version that cannot be loaded",
                        "/models/{broken}/versions/1/ready",
                        "503 null",
                        r -> assertEquals(false, r.path("ready"))),
                get("`GET …/config`", "/models/{classifier}/versions/candidate/config", "OK", r -> {
                    assertEquals(32, r.<Integer>path("max_batch_size"));
                    assertEquals(List.of(3, SIDE, SIDE), r.path("input[1].dims"));
                    assertEquals("TYPE_STRING", r.path("output[0].data_type"));
                }),
                get("`GET …/config` of an unknown model", "/models/none-such/config", NO_MODEL, _ -> {}),
                get(
                        "`GET …/stats` of a version",
                        "/models/{classifier}/versions/1/stats",
                        "OK",
                        r -> assertEquals(List.of("1"), r.path("model_stats.version"))),
                get(
                        "`GET …/stats` of a model",
                        "/models/{classifier}/stats",
                        "OK",
                        r -> assertEquals(List.of("1", "2"), r.path("model_stats.version"))),
                get(
                        "`GET /v2/models/stats`",
                        "/models/stats",
                        "OK",
                        r -> assertTrue(r.<List<String>>path("model_stats.name").size() >= 4)),
                get(
                        "`GET …/stats` of an unknown version",
                        "/models/{classifier}/versions/7/stats",
                        NO_VERSION,
                        _ -> {}),
                post(
                        "`POST /v2/repository/index` without a body",
                        "/repository/index",
                        "",
                        "OK",
                        r -> assertTrue(r.<List<String>>path("state").containsAll(List.of("READY", "UNAVAILABLE")))),
                post(
                        "`POST /v2/repository/index` with `ready`",
                        "/repository/index",
                        "{\"ready\": true}",
                        "OK",
                        r -> assertEquals(
                                Collections.nCopies(
                                        r.<List<String>>path("state").size(), "READY"),
                                r.path("state"))),
                post("`POST /v2/repository/index`, not JSON", "/repository/index", "{", INVALID, _ -> {}),
                post("`POST …/load`", "/repository/models/{moving}/load", version(2), "OK", _ -> {}),
                post(
                        "`POST …/load` of an unknown version",
                        "/repository/models/{moving}/load",
                        version(7),
                        NO_VERSION,
                        _ -> {}),
                post(
                        "`POST …/load` of a version that cannot be loaded",
                        "/repository/models/{broken}/load",
                        version(1),
                        "503 MODEL_NOT_READY",
                        _ -> {}),
                post("`POST …/unload`", "/repository/models/{moving}/unload", version(3), "OK", _ -> {}),
                post(
                        "`POST …/unload` of a version that an alias routes to",
                        "/repository/models/{moving}/unload",
                        version(1),
                        "409 MODEL_VERSION_IN_USE",
                        r -> assertTrue(r.<String>path("error").contains("production"))));
    }

    static List<ConformanceCase> infer() {
        return List.of(
                infer("an image in base64", "{\"inputs\": [" + IMAGE + "]}", "OK", r -> {
                    assertEquals(List.of("label", "score", "probabilities"), r.path("outputs.name"));
                    assertEquals("red", r.path("outputs[0].data[0]"));
                }),
                infer(
                        "an id",
                        "{\"id\": \"frame 7\", \"inputs\": [" + IMAGE + "]}",
                        "OK",
                        r -> assertEquals("frame 7", r.path("id"))),
                infer("`pixels` as numbers", """
                        {"inputs": [{"name": "pixels", "datatype": "UINT8", "shape": [1, 1, 2, 3],
                                     "data": [[[[255, 0, 0], [255, 0, 0]]]]}]}""", "OK", r -> assertEquals("red", r.path("outputs[0].data[0]"))),
                infer("`pixels` with a value that is not whole", """
                        {"inputs": [{"name": "pixels", "datatype": "UINT8", "shape": [1, 1, 1, 3],
                                     "data": [1.5, 0, 0]}]}""", INVALID, _ -> {}),
                infer(
                        "a list of outputs",
                        """
                        {"inputs": [%s], "outputs": [{"name": "score"}]}""".formatted(IMAGE),
                        "OK",
                        r -> assertEquals(List.of("score"), r.path("outputs.name"))),
                infer("an unknown output", """
                        {"inputs": [%s], "outputs": [{"name": "none"}]}""".formatted(IMAGE), INVALID, _ -> {}),
                infer(
                        "no inputs",
                        "{}",
                        INVALID,
                        r -> assertTrue(r.<String>path("error").contains("expected exactly one"))),
                infer("not JSON", "{\"inputs\": ", INVALID, _ -> {}),
                infer("no body", "", INVALID, _ -> {}),
                infer("not an image", """
                        {"inputs": [{"name": "image", "datatype": "BYTES", "shape": [1],
                                     "data": ["AAAA"]}]}""", "415 IMAGE_UNSUPPORTED", _ -> {}),
                http(
                        INFER,
                        "an unknown model",
                        NO_MODEL,
                        s -> given().body("{\"inputs\": [" + IMAGE + "]}").post("/v2/models/none-such/infer"),
                        _ -> {}),
                http(
                        INFER,
                        "a version that cannot be loaded",
                        "503 MODEL_NOT_READY",
                        s -> given().body("{\"inputs\": [" + IMAGE + "]}")
                                .post("/v2/models/{m}/versions/1/infer", s.broken.name()),
                        _ -> {}));
    }

    static List<ConformanceCase> binary() {
        byte[] image = elements(png(Color.RED)).toByteArray();
        byte[] half = fp16(redTensor()).toByteArray();
        String plain = "{\"inputs\": [" + IMAGE + "]}";
        return List.of(
                binary("BYTES after the JSON", "image", "BYTES", "[1]", image, image.length, "OK"),
                binary("UINT8 after the JSON", "pixels", "UINT8", "[1, 1, 1, 3]", new byte[] {-1, 0, 0}, 3, "OK"),
                binary("FP16 after the JSON", "tensor", "FP16", "[1, 3, 8, 8]", half, half.length, "OK"),
                binary("`binary_data_size` beyond the body", "image", "BYTES", "[1]", image, image.length + 1, INVALID),
                binary("bytes that no input describes", "image", "BYTES", "[1]", image, image.length - 1, INVALID),
                http(
                        BINARY,
                        "a length of the JSON beyond the body",
                        INVALID,
                        s -> given().header(JSON_LENGTH, 10_000).body(plain).post(path(s)),
                        _ -> {}),
                http(
                        BINARY,
                        "a negative length of the JSON",
                        INVALID,
                        s -> given().header(JSON_LENGTH, -1).body(plain).post(path(s)),
                        _ -> {}),
                http(
                        BINARY,
                        "`binary_data_output`",
                        "OK",
                        s -> given().body("""
                        {"parameters": {"binary_data_output": true}, "inputs": [%s],
                         "outputs": [{"name": "probabilities"}]}""".formatted(IMAGE)).post(path(s)),
                        r -> assertEquals(8, r.asByteArray().length - Integer.parseInt(r.header(JSON_LENGTH)))),
                http(
                        BINARY,
                        "`binary_data` of one output",
                        "OK",
                        s -> given().body("""
                        {"inputs": [%s], "outputs": [{"name": "label"},
                         {"name": "score", "parameters": {"binary_data": true}}]}""".formatted(IMAGE)).post(path(s)),
                        r -> assertEquals(4, r.asByteArray().length - Integer.parseInt(r.header(JSON_LENGTH)))),
                http(
                        COMPRESSION,
                        "`Content-Encoding: gzip`",
                        "OK",
                        s -> compressed("gzip", plain, s),
                        r -> assertEquals("red", r.path("outputs[0].data[0]"))),
                http(
                        COMPRESSION,
                        "`Content-Encoding: deflate`",
                        "OK",
                        s -> compressed("deflate", plain, s),
                        r -> assertEquals("red", r.path("outputs[0].data[0]"))),
                http(
                        COMPRESSION,
                        "a body that is not compressed",
                        INVALID,
                        s -> given().header("Content-Encoding", "gzip")
                                .body(plain)
                                .post(path(s)),
                        _ -> {}),
                http(
                        COMPRESSION,
                        "another `Content-Encoding`",
                        INVALID,
                        s -> given().header("Content-Encoding", "br")
                                .body(plain)
                                .post(path(s)),
                        _ -> {}),
                http(
                        COMPRESSION,
                        "a body beyond 16 MiB when decompressed",
                        "413 REQUEST_TOO_LARGE",
                        s -> compressed("gzip", " ".repeat(17 << 20), s),
                        _ -> {}),
                http(
                        COMPRESSION,
                        "`Accept-Encoding: gzip`",
                        "OK",
                        s -> undecoded()
                                .header("Accept-Encoding", "gzip")
                                .body(plain)
                                .post(path(s)),
                        HttpCases::assertGzip),
                http(
                        COMPRESSION,
                        "`Accept-Encoding: identity`",
                        "OK",
                        s -> undecoded()
                                .header("Accept-Encoding", "identity")
                                .body(plain)
                                .post(path(s)),
                        r -> assertEquals(null, r.header("Content-Encoding"))));
    }

    private interface Request {
        Response send(ConformanceServer server) throws IOException;
    }

    private static ConformanceCase http(
            String group, String name, String outcome, Request request, Consumer<Response> assertions) {
        String expected = outcome.equals("OK") ? "200" : "an error with `error`";
        return new ConformanceCase(group, name, expected, outcome, s -> {
            Response response = request.send(s);
            assertions.accept(response);
            return ConformanceServer.outcome(response);
        });
    }

    private static ConformanceCase get(String name, String path, String outcome, Consumer<Response> assertions) {
        return http(SERVER, name, outcome, s -> given().get("/v2" + filled(path, s)), assertions);
    }

    private static ConformanceCase post(
            String name, String path, String body, String outcome, Consumer<Response> assertions) {
        return http(SERVER, name, outcome, s -> given().body(body).post("/v2" + filled(path, s)), assertions);
    }

    private static ConformanceCase infer(String name, String body, String outcome, Consumer<Response> assertions) {
        return http(
                INFER,
                name,
                outcome,
                s -> given().contentType(ContentType.JSON).body(body).post(path(s)),
                assertions);
    }

    private static ConformanceCase binary(
            String name, String input, String datatype, String shape, byte[] bytes, int size, String outcome) {
        byte[] json = """
                {"inputs": [{"name": "%s", "datatype": "%s", "shape": %s, "parameters": {"binary_data_size": %d}}]}""".formatted(input, datatype, shape, size).getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(json);
        body.writeBytes(bytes);
        return http(
                BINARY,
                name,
                outcome,
                s -> given().header(JSON_LENGTH, json.length)
                        .contentType("application/octet-stream")
                        .body(body.toByteArray())
                        .post(path(s)),
                r -> {
                    if (outcome.equals("OK")) {
                        assertEquals("red", r.path("outputs[0].data[0]"));
                    }
                });
    }

    private static Response compressed(String encoding, String body, ConformanceServer s) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream out =
                encoding.equals("gzip") ? new GZIPOutputStream(compressed) : new DeflaterOutputStream(compressed)) {
            out.write(body.getBytes(StandardCharsets.UTF_8));
        }
        return given().header("Content-Encoding", encoding)
                .contentType("application/octet-stream")
                .body(compressed.toByteArray())
                .post(path(s));
    }

    /** Requests whose responses are not decompressed. */
    private static RequestSpecification undecoded() {
        return given().config(RestAssured.config()
                .decoderConfig(DecoderConfig.decoderConfig().noContentDecoders()));
    }

    private static void assertGzip(Response response) {
        assertEquals("gzip", response.header("Content-Encoding"));
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(response.asByteArray()))) {
            assertTrue(new String(in.readAllBytes(), StandardCharsets.UTF_8).contains("\"red\""));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String version(int number) {
        return "{\"parameters\": {\"version\": \"" + number + "\"}}";
    }

    private static String path(ConformanceServer s) {
        return "/v2" + filled("/models/{classifier}/infer", s);
    }

    private static String filled(String path, ConformanceServer s) {
        return path.replace("{classifier}", name(s.classifier))
                .replace("{broken}", name(s.broken))
                .replace("{moving}", name(s.moving));
    }

    private static String name(Project project) {
        return project.name();
    }
}
