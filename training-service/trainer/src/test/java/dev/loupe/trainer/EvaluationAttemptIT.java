package dev.loupe.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.evaluation.Evaluation;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.training.TestResults;
import dev.loupe.contracts.training.TestResults.Slice;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Failure;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.contracts.training.TrainerSpec.ManifestRef;
import dev.loupe.imaging.AnomalyMap;
import dev.loupe.imaging.Heatmap;
import dev.loupe.imaging.ImageDecoder;
import dev.loupe.imaging.ImageInspection;
import dev.loupe.imaging.Thumbnail;
import dev.loupe.model.Predictor;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.Sha256;
import dev.loupe.storage.StorageException;
import dev.loupe.storage.StoredObject;
import dev.loupe.testing.TrainerApiStub;
import dev.loupe.vision.training.OcclusionMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A trainer that evaluates the package of a model which another attempt has trained. */
class EvaluationAttemptIT {
    private static final double TOLERANCE = 1e-6;

    private static final Map<Task, Recipe> RECIPES = Map.of(
            Task.ANOMALY_DETECTION, new Recipe("patchcore", Map.of("backbone", BackboneName.RANDOM)),
            Task.CLASSIFICATION, new Recipe("transfer", Map.of("backbone", BackboneName.RANDOM, "epochs", 20)));

    /** A training, and what came of it. */
    private record Trained(TrainerSpec spec, TrainerResult result) {
        ManifestRef modelPackage() {
            return new ManifestRef(spec.output().bucket(), result.packageKey(), result.packageSha256());
        }
    }

    @TempDir
    static Path folder;

    private static final Map<Task, Trained> TRAINED = new EnumMap<>(Task.class);
    private static Scene scene;

    @BeforeAll
    static void train() throws IOException {
        scene = new Scene(folder);
        for (Task task : Task.values()) {
            TrainerSpec spec = scene.spec(UUID.randomUUID(), 1, scene.dataset(task, 6), RECIPES.get(task));
            TrainerResult result = scene.train(spec);
            assertEquals(
                    Outcome.SUCCEEDED, result.outcome(), () -> result.failure().message());
            TRAINED.put(task, new Trained(spec, result));
        }
    }

    @AfterAll
    static void close() {
        scene.close();
    }

    private static TrainerSpec evaluation(Task task, ManifestRef dataset, ManifestRef modelPackage) {
        return evaluation(scene.spec(UUID.randomUUID(), 1, dataset, RECIPES.get(task)), modelPackage);
    }

    private static TrainerSpec evaluation(TrainerSpec spec, ManifestRef modelPackage) {
        return new TrainerSpec(
                spec.runId(),
                spec.attempt(),
                spec.projectId(),
                spec.projectName(),
                spec.manifest(),
                modelPackage,
                null,
                spec.recipe(),
                null,
                spec.seed(),
                spec.output(),
                spec.workDirectory(),
                spec.cacheDirectory(),
                spec.attemptUrl(),
                spec.threads());
    }

    /** The key check: a second evaluation, by a program that has only the package, gives the same figures. */
    @ParameterizedTest
    @EnumSource(Task.class)
    void figuresOfTheSameModelOnTheSameVersionAreThoseOfItsTraining(Task task) throws IOException {
        Trained trained = TRAINED.get(task);
        TrainerSpec spec = evaluation(task, trained.spec().manifest(), trained.modelPackage());
        TrainerResult result = scene.train(spec);

        assertEquals(Outcome.SUCCEEDED, result.outcome());
        assertNull(result.packageKey());
        assertNull(result.resumedFrom());
        assertEquals(trained.result().metrics().keySet(), result.metrics().keySet());
        assertEquals(trained.result().testCounts().labels(), result.testCounts().labels());
        assertArrayEquals(
                trained.result().testCounts().rightImages(), result.testCounts().rightImages());
        assertEquals(
                result.metrics().get("accuracy"),
                BitSet.valueOf(result.testCounts().rightImages()).cardinality()
                        / (double) result.testCounts().images(),
                TOLERANCE);
        result.metrics()
                .forEach(
                        (name, value) -> assertEquals(trained.result().metrics().get(name), value, TOLERANCE, name));
        JsonNode before = document(trained.spec(), Evaluation.key(1));
        JsonNode after = document(spec, Evaluation.key(1));
        if (before.at("/report/detection") instanceof ObjectNode detector) {
            assertTrue(detector.remove("memoryCurve").isObject(), "only a training makes it");
        }
        assertSame("report", before.path("report"), after.path("report"));
        assertTrue(after.at("/report/metrics/accuracy/low").isNumber(), after.toPrettyString());
        assertEquals(before.path("model"), after.path("model"));
        assertEquals(before.path("data"), after.path("data"));
        JsonNode results = document(trained.spec(), TestResults.key(1));
        boolean unlike = results.path("images").findValues("nearest").size() > 0;
        assertEquals(task == Task.ANOMALY_DETECTION, unlike, "what an image looks unlike");
        results.path("images").forEach(image -> ((ObjectNode) image).remove("nearest")); // a package does not know it
        assertSame("results", results, document(spec, TestResults.key(1)));
        assertArrayEquals(
                scene.store.read(at(trained.spec(), TestResults.heatmapsKey(1))),
                scene.store.read(at(spec, TestResults.heatmapsKey(1))));
    }

    @Test
    void heatmapsOfAClassifierAreWhatItsServedModelLooksAt() throws IOException {
        Trained trained = TRAINED.get(Task.CLASSIFICATION);
        TestResults results = Json.MAPPER.treeToValue(document(trained.spec(), TestResults.key(1)), TestResults.class);
        TestResults.Image first =
                results.images().stream().min(TestResults.byMargin(null)).orElseThrow();
        DatasetManifest manifest = Json.MAPPER.readValue(
                scene.store.read(scene.at(trained.spec().manifest().key())), DatasetManifest.class);
        byte[] image = scene.store.read(scene.at(manifest.images().stream()
                .filter(entry -> entry.sha256().equals(first.sha256()))
                .findFirst()
                .orElseThrow()
                .key()));
        ImageInspection size = ImageDecoder.header(image);

        OcclusionMap map;
        AnomalyMap drawn;
        try (Predictor predictor =
                Predictor.open(scene.download(trained.result()), trained.spec().threads())) {
            map = OcclusionMap.of(predictor, predictor.preprocessing().apply(image));
            drawn = map.map(predictor.preprocessing().geometry(size.width(), size.height()));
        }

        assertArrayEquals(
                Heatmap.overlay(drawn, map.highest() / 2, size.width(), size.height(), map.highest()),
                scene.store.read(
                        at(trained.spec(), TestResults.heatmapsKey(1)),
                        first.heatmap().offset(),
                        first.heatmap().length()));
        long heatmaps =
                results.images().stream().filter(each -> each.heatmap() != null).count();
        assertTrue(heatmaps <= ClassHeatmaps.MAX_IMAGES, heatmaps + " heatmaps");
    }

    @Test
    void masksOfTheTestImagesGiveMetricsOfPixels() throws IOException {
        ManifestRef other = scene.dataset(Task.ANOMALY_DETECTION, 4);
        TrainerSpec spec = evaluation(
                Task.ANOMALY_DETECTION,
                other,
                TRAINED.get(Task.ANOMALY_DETECTION).modelPackage());
        TrainerResult result = scene.train(spec);

        JsonNode report = document(spec, Evaluation.key(1)).path("report");
        JsonNode pixels = report.at("/detection/localization");
        assertEquals(7, pixels.path("images").asInt(), pixels.toString());
        assertEquals(1, pixels.path("withoutMask").asInt(), "the last abnormal TEST image has no mask");
        assertEquals(7 * 64 * 64, pixels.path("pixels").asInt());
        assertEquals(3 * 24 * 4, pixels.path("defectivePixels").asInt());
        assertEquals(3, pixels.path("regions").asInt());
        JsonNode kind = report.at("/detection/defects/0");
        assertEquals("scratch", kind.path("defect").asText());
        assertEquals(4, kind.path("images").asInt());
        assertTrue(kind.path("aupro").asDouble() > 0.5, kind.toString());
        for (String metric : List.of("pixelAuroc", "pixelAveragePrecision", "aupro")) {
            assertEquals(
                    result.metrics().get(metric),
                    report.at("/metrics/" + metric + "/value").asDouble(),
                    1e-9);
        }
        assertTrue(result.metrics().get("pixelAuroc") > 0.9, result.metrics().toString());
    }

    @ParameterizedTest
    @EnumSource(Task.class)
    void modelIsEvaluatedOnImagesOfAnotherVersion(Task task) throws IOException {
        ManifestRef other = scene.dataset(task, 4);
        TrainerSpec spec = evaluation(task, other, TRAINED.get(task).modelPackage());
        assertEquals(Outcome.SUCCEEDED, scene.train(spec).outcome());

        JsonNode evaluation = document(spec, Evaluation.key(1));
        assertEquals(8, evaluation.at("/report/images").asInt());
        assertEquals(other.sha256(), evaluation.at("/data/sha256").asText());
        assertEquals(
                TRAINED.get(task).spec().runId(), evaluation.at("/model/runId").asText());
        assertNotEquals(spec.runId(), evaluation.at("/model/runId").asText());
        if (task == Task.CLASSIFICATION) {
            assertEquals(
                    8,
                    evaluation.at("/report/calibration/temperature/devImages").asInt());
        }
        for (StoredObject object :
                scene.store.list(scene.bucket(), spec.output().prefix())) {
            assertTrue(object.location().key().contains("/attempts/1/"), object.toString());
        }
    }

    /** All labels are swapped, so most predictions are wrong. */
    @Test
    void surestErrorsHaveThumbnails() throws IOException {
        Trained trained = TRAINED.get(Task.CLASSIFICATION);
        ObjectNode manifest = (ObjectNode) Json.MAPPER.readTree(
                scene.store.read(scene.at(trained.spec().manifest().key())));
        for (JsonNode image : manifest.path("images")) {
            boolean plain = image.path("label").asText().equals("plain");
            ((ObjectNode) image).put("label", plain ? "scratched" : "plain");
        }
        TrainerSpec spec = evaluation(
                Task.CLASSIFICATION,
                put("projects/swapped/manifest.json", Json.MAPPER.writeValueAsBytes(manifest)),
                trained.modelPackage());
        assertEquals(Outcome.SUCCEEDED, scene.train(spec).outcome());

        TestResults results = Json.MAPPER.treeToValue(document(spec, TestResults.key(1)), TestResults.class);
        List<TestResults.Image> errors = TestResults.surestErrors(results.images(), null);
        assertTrue(errors.size() > 6, errors.toString());
        assertEquals(errors.size(), results.thumbnails().size());
        for (TestResults.Image error : errors) {
            Slice place = results.thumbnails().get(error.sha256());
            byte[] jpeg = scene.store.read(at(spec, TestResults.thumbnailsKey(1)), place.offset(), place.length());
            assertArrayEquals(Thumbnail.jpeg(scene.store.read(imageOf(manifest, error.sha256())), 192), jpeg);
        }
    }

    private static ObjectLocation imageOf(JsonNode manifest, String sha256) {
        for (JsonNode image : manifest.path("images")) {
            if (image.path("sha256").asText().equals(sha256)) {
                return scene.at(image.path("key").asText());
            }
        }
        throw new AssertionError(sha256);
    }

    @Test
    void brokenPackageEndsTheRunForGood() throws IOException {
        Trained trained = TRAINED.get(Task.CLASSIFICATION);
        ManifestRef copy = copy(trained.modelPackage(), "broken/");
        ObjectLocation model = scene.at("broken/model.onnx");
        byte[] onnx = scene.store.read(model);

        scene.store.put(model, new byte[onnx.length], "application/octet-stream");
        Failure changed = failure(trained.spec().manifest(), copy);
        assertEquals("DATA", changed.reason());
        assertTrue(changed.message().contains("model.onnx"), changed.message());
        scene.store.delete(model);
        Failure missing = failure(trained.spec().manifest(), copy);
        assertEquals("DATA", missing.reason());
        assertTrue(missing.message().contains("model.onnx"), missing.message());

        // The files are those that the manifest names, but the model does not compute what it promises.
        scene.store.put(model, onnx, "application/octet-stream");
        ObjectNode manifest = (ObjectNode) Json.MAPPER.readTree(scene.store.read(scene.at(copy.key())));
        ArrayNode expected = (ArrayNode) manifest.at("/paritySamples/0/expected/probabilities");
        expected.set(0, expected.get(0).asDouble() + 0.5);
        Failure other = failure(trained.spec().manifest(), put(copy.key(), Json.MAPPER.writeValueAsBytes(manifest)));
        assertEquals("INVALID_MODEL", other.reason());
        assertTrue(other.message().contains("parity sample"), other.message());
    }

    @Test
    void unsuitableDatasetVersionIsRefused() throws IOException {
        Trained trained = TRAINED.get(Task.CLASSIFICATION);
        String dented = new String(
                        scene.store.read(scene.at(trained.spec().manifest().key())))
                .replace("\"scratched\"", "\"dented\"");
        Failure label = failure(put("projects/other/manifest.json", dented.getBytes()), trained.modelPackage());
        assertEquals("BAD_CONFIGURATION", label.reason());
        assertTrue(label.message().contains("'dented'"), label.message());

        Failure task = failure(TRAINED.get(Task.ANOMALY_DETECTION).spec().manifest(), trained.modelPackage());
        assertEquals("INVALID_MODEL", task.reason());
        assertTrue(task.message().contains("ANOMALY_DETECTION"), task.message());
    }

    @Test
    void cancelledEvaluationEndsWithoutResult() throws Exception {
        Trained trained = TRAINED.get(Task.ANOMALY_DETECTION);
        try (TrainerApiStub service = new TrainerApiStub(scene.store)) {
            service.endAttempt();
            TrainerSpec spec = evaluation(
                    scene.spec(
                            UUID.randomUUID(),
                            1,
                            trained.spec().manifest(),
                            RECIPES.get(Task.ANOMALY_DETECTION),
                            service.url()),
                    trained.modelPackage());
            assertEquals(
                    0,
                    Trainer.run(new String[] {scene.write(spec).toString()}, scene.environment(), new Termination()));
            assertThrows(StorageException.NotFound.class, () -> scene.result(spec));
        }
    }

    private static Failure failure(ManifestRef dataset, ManifestRef modelPackage) throws IOException {
        TrainerResult result = scene.train(evaluation(Task.CLASSIFICATION, dataset, modelPackage));
        assertEquals(Outcome.FAILED, result.outcome());
        assertFalse(result.failure().retryable(), result.failure().toString());
        return result.failure();
    }

    /** Copies a package to another prefix. */
    private static ManifestRef copy(ManifestRef modelPackage, String prefix) {
        String from = modelPackage.key().substring(0, modelPackage.key().lastIndexOf('/') + 1);
        for (StoredObject object : scene.store.list(scene.bucket(), from)) {
            String name = object.location().key().substring(from.length());
            scene.store.put(scene.at(prefix + name), scene.store.read(object.location()), "application/octet-stream");
        }
        return new ManifestRef(modelPackage.bucket(), prefix + "manifest.json", modelPackage.sha256());
    }

    private static ManifestRef put(String key, byte[] document) {
        scene.store.put(scene.at(key), document, "application/json");
        return new ManifestRef(scene.bucket(), key, Sha256.of(document));
    }

    private static ObjectLocation at(TrainerSpec spec, String key) {
        return scene.at(spec.output().prefix() + key);
    }

    private static JsonNode document(TrainerSpec spec, String key) throws IOException {
        return Json.MAPPER.readTree(scene.store.read(at(spec, key)));
    }

    /** Numbers may differ by the tolerance, everything else must be equal. */
    private static void assertSame(String path, JsonNode expected, JsonNode actual) {
        if (expected.isNumber()) {
            assertEquals(expected.asDouble(), actual.asDouble(), TOLERANCE, path);
            return;
        }
        assertEquals(expected.getNodeType(), actual.getNodeType(), path);
        assertEquals(expected.size(), actual.size(), path);
        if (expected.isValueNode()) {
            assertEquals(expected, actual, path);
        } else if (expected.isArray()) {
            for (int i = 0; i < expected.size(); i++) {
                assertSame(path + "/" + i, expected.get(i), actual.get(i));
            }
        } else {
            expected.properties()
                    .forEach(field ->
                            assertSame(path + "/" + field.getKey(), field.getValue(), actual.path(field.getKey())));
        }
    }
}
