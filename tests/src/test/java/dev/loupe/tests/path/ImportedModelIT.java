package dev.loupe.tests.path;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.server.Json;
import dev.loupe.contracts.Task;
import dev.loupe.tests.path.LoupeProgram.Ended;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Classifiers of other frameworks: imported, evaluated, promoted and served. */
@ExtendWith(RunningStack.class)
class ImportedModelIT {
    private static final String PROJECT = "foreign-classifiers";
    private static final double TOLERANCE = 1e-4;

    @TempDir
    private Path folder;

    private LoupeProgram loupe;

    @BeforeAll
    static void freezeImages() throws IOException {
        Path images = Files.createTempDirectory(Path.of("target"), "classes");
        RunningStack.loupe().datasets().createProject(PROJECT, Task.CLASSIFICATION, "brushed surface");
        RunningStack.loupe().datasets().importImages(PROJECT, DrawnSurface.classesZip(images, 12));
        RunningStack.loupe().datasets().freeze(PROJECT, 1L, null);
        // training-service learns of the version some moments later
        await().ignoreExceptions()
                .until(() -> RunningStack.loupe().importedModels().list(PROJECT).isEmpty());
    }

    @BeforeEach
    void writeLabels() throws IOException {
        loupe = new LoupeProgram(folder, Map.of());
        Files.write(folder.resolve("labels.txt"), ForeignClassifier.LABELS);
    }

    private Ended run(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--data", RunningStack.DATA.toString(), "-o", "json"));
        return loupe.run(all);
    }

    /** The JSON that a command has printed after its progress. */
    private static JsonNode json(Ended ended) throws IOException {
        assertEquals(0, ended.status(), ended.output());
        Matcher start = Pattern.compile("^[\\[{]", Pattern.MULTILINE).matcher(ended.output());
        assertTrue(start.find(), ended.output());
        return Json.read(ended.output().substring(start.start()));
    }

    private Ended importModel(Path file, String name) throws Exception {
        return run(
                "models",
                "import",
                file.toString(),
                "--project",
                PROJECT,
                "--labels",
                "labels.txt",
                "--name",
                name,
                "--wait");
    }

    static Stream<ForeignClassifier> classifiers() {
        return Stream.of(
                ForeignClassifier.RESNET,
                new ForeignClassifier("mobilenet_v2-opset21-dynamo", "pytorch.json"),
                new ForeignClassifier("vgg11-opset11", "pytorch.json"),
                new ForeignClassifier("keras-opset17", "keras.json"));
    }

    @ParameterizedTest
    @MethodSource("classifiers")
    void servedProbabilitiesAreThoseOfTheFramework(ForeignClassifier classifier) throws Exception {
        JsonNode over = json(importModel(classifier.file(), classifier.name().replace('_', '-') + "-served"));
        assertEquals("IMPORT", over.path("kind").asText());

        int version = over.path("modelVersion").asInt();
        double[][] expected = classifier.probabilities();
        double[] served = infer(version, classifier);
        assertEquals(2 * ForeignClassifier.LABELS.size(), served.length);
        for (int i = 0; i < served.length; i++) {
            int labels = ForeignClassifier.LABELS.size();
            assertEquals(expected[i / labels][i % labels], served[i], TOLERANCE, classifier + " " + i);
        }
        JsonNode registered = RunningStack.loupe().models().versions(PROJECT).stream()
                .filter(each -> each.path("number").asInt() == version)
                .findFirst()
                .orElseThrow();
        assertEquals("IMPORTED", registered.path("origin").asText());
        assertEquals(
                over.at("/metrics/accuracy").asDouble(),
                registered.at("/metrics/accuracy").asDouble());
        assertEquals(ForeignClassifier.LABELS.size(), registered.path("labels").size());
    }

    private static double[] infer(int version, ForeignClassifier classifier) throws Exception {
        int side = classifier.side();
        ObjectNode input = Json.object();
        input.put("name", "tensor").put("datatype", "FP32");
        ArrayNode shape = input.putArray("shape");
        for (int dimension : new int[] {2, 3, side, side}) {
            shape.add(dimension);
        }
        ArrayNode data = input.putArray("data");
        for (float value : classifier.images()) {
            data.add(value);
        }
        ObjectNode request = Json.object();
        request.putArray("inputs").add(input);
        request.putArray("outputs").addObject().put("name", "probabilities");
        URI address = RunningStack.loupe()
                .endpoints()
                .inference()
                .resolve("/v2/models/" + PROJECT + "/versions/" + version + "/infer");
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(address)
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString(request.toString()))
                            .build(),
                    BodyHandlers.ofString());
            assertEquals(200, answer.statusCode(), answer.body());
            JsonNode served = Json.read(answer.body()).at("/outputs/0/data");
            double[] values = new double[served.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = served.get(i).asDouble();
            }
            return values;
        }
    }

    @Test
    void importedVersionIsPromotedListedAndEvaluatedLikeATrainedOne() throws Exception {
        JsonNode over = json(importModel(ForeignClassifier.RESNET.file(), "promoted"));
        String version = over.path("modelVersion").asText();

        JsonNode promoted = json(run("promote", PROJECT, version, "--force", "--reason", "test"));
        assertEquals(version, promoted.path("version").asText());
        JsonNode evaluation = json(run("evaluate", PROJECT, version, "--on", "1", "--wait"));
        assertEquals("SUCCEEDED", evaluation.path("state").asText());
        assertEquals(over.at("/metrics/accuracy"), evaluation.at("/metrics/accuracy"));

        JsonNode models = json(run("models", "imported", "--project", PROJECT));
        assertTrue(models.findValuesAsText("name").contains("promoted"), models.toString());
        String id = over.at("/importedModel/id").asText();
        Ended inUse = run("models", "imported", "delete", id);
        assertEquals(1, inUse.status());
        assertTrue(inUse.output().contains("IMPORTED_MODEL_IN_USE"), inUse.output());
    }

    @Test
    void unusableFileIsRefusedWithTheReason() throws Exception {
        Path text = Files.writeString(folder.resolve("model.onnx"), "this is not a network");
        Ended refused = importModel(text, "text");
        assertEquals(1, refused.status());
        assertTrue(refused.output().contains("IMPORTED_MODEL_INVALID"), refused.output());

        Files.write(folder.resolve("labels.txt"), List.of("sound", "dotted", "scratched"));
        Ended labels = importModel(ForeignClassifier.RESNET.file(), "labels");
        assertEquals(1, labels.status());
        assertTrue(labels.output().contains("[2, 5]"), labels.output());
    }
}
