package dev.loupe.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.dataset.DatasetManifest.Entry;
import dev.loupe.contracts.evaluation.Evaluation;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.training.ImageFraming;
import dev.loupe.contracts.training.ImageFraming.ChannelOrder;
import dev.loupe.contracts.training.TestResults;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Failure;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.contracts.training.TrainerSpec.BackboneFile;
import dev.loupe.contracts.training.TrainerSpec.ImportedNetwork;
import dev.loupe.contracts.training.TrainerSpec.ManifestRef;
import dev.loupe.imaging.ImagePreparation;
import dev.loupe.imaging.ImagePreparation.Fit;
import dev.loupe.imaging.ImagePreparation.Margins;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.storage.Sha256;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trainer that makes a model of a classifier which PyTorch exported. */
class ImportAttemptIT {
    /** Its input is 64 x 64 pixels, as the images are: they are not resized. Its output is logits. */
    private static final Path NETWORK =
            Path.of("../../common/model/src/test/resources/dev/loupe/model/imported/resnet18-opset17.onnx");

    /** In another order than in the dataset version, with labels that it lacks. */
    private static final List<String> LABELS = List.of("dent", "scratched", "hair", "plain", "stain");

    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] STD = {0.229f, 0.224f, 0.225f};
    private static final Recipe RECIPE = new Recipe(Recipe.IMPORTED, Map.of("model", "resnet18"));

    @TempDir
    static Path folder;

    private static Scene scene;
    private static ManifestRef dataset;
    private static String file;

    @BeforeAll
    static void start() throws IOException {
        scene = new Scene(folder);
        dataset = scene.dataset(Task.CLASSIFICATION, 6);
        byte[] network = Files.readAllBytes(NETWORK);
        file = Sha256.of(network);
        scene.store.put(scene.at("imported-models/m.onnx"), network, "application/octet-stream");
    }

    @AfterAll
    static void close() {
        scene.close();
    }

    private static TrainerSpec spec(ManifestRef manifest, ManifestRef evaluate, ImportedNetwork imported) {
        TrainerSpec spec = scene.spec(UUID.randomUUID(), 1, manifest, RECIPE);
        return new TrainerSpec(
                spec.runId(),
                1,
                spec.projectId(),
                spec.projectName(),
                spec.manifest(),
                evaluate,
                imported,
                spec.recipe(),
                List.of(),
                spec.seed(),
                spec.output(),
                spec.workDirectory(),
                spec.cacheDirectory(),
                spec.attemptUrl(),
                spec.threads());
    }

    private static ImportedNetwork network(String sha256, List<String> labels) {
        return new ImportedNetwork(
                new BackboneFile(scene.bucket(), "imported-models/m.onnx", sha256, 255, MEAN, STD),
                labels,
                null,
                null,
                null);
    }

    @Test
    void predictionsAreThoseOfTheFileAndAnEvaluationOfThePackageRepeatsThem() throws IOException {
        TrainerSpec spec = spec(dataset, null, network(file, LABELS));
        TrainerResult result = scene.train(spec);

        assertEquals(Outcome.SUCCEEDED, result.outcome(), () -> result.failure().message());
        DatasetManifest images =
                Json.MAPPER.readValue(scene.store.read(scene.at(dataset.key())), DatasetManifest.class);
        JsonNode results = document(spec, TestResults.key(1)).path("images");
        assertEquals(12, results.size());
        Map<String, JsonNode> bySha256 = new HashMap<>();
        results.forEach(image -> bySha256.put(image.path("sha256").asText(), image));
        int right = 0;
        try (OnnxSession raw = new OnnxSession(Files.readAllBytes(NETWORK), 1)) {
            for (Entry image : images.images()) {
                if (image.split() == Split.TEST) {
                    double[] expected = softmax(raw.run(input(image), new long[] {1, 3, 64, 64}, List.of("logits"))
                            .getFirst()
                            .values());
                    JsonNode predicted = bySha256.get(image.sha256()).path("probabilities");
                    assertEquals(LABELS.size(), predicted.size());
                    int best = 0;
                    for (int i = 0; i < LABELS.size(); i++) {
                        assertEquals(expected[i], predicted.path(LABELS.get(i)).asDouble(), 1e-4, LABELS.get(i));
                        best = expected[i] > expected[best] ? i : best;
                    }
                    right += LABELS.get(best).equals(image.label()) ? 1 : 0;
                }
            }
        }
        assertEquals(right / 12.0, result.metrics().get("accuracy"), 1e-9);

        ManifestRef made = new ManifestRef(scene.bucket(), result.packageKey(), result.packageSha256());
        ModelManifest manifest = ModelPackage.parse(scene.store.read(scene.at(made.key()), made.sha256()));
        assertEquals(LABELS, manifest.labels());
        assertEquals(6, manifest.paritySamples().size());
        assertFalse(manifest.warnings().isEmpty());
        assertEquals(Recipe.IMPORTED, manifest.lineage().recipe().get("name"));
        assertTrue(document(spec, Evaluation.key(1))
                .at("/report/calibration/temperature/devImages")
                .isNumber());

        TrainerResult repeated = scene.train(spec(dataset, made, null)); // verifies the parity samples
        assertEquals(Outcome.SUCCEEDED, repeated.outcome());
        assertEquals(result.metrics(), repeated.metrics());
    }

    @Test
    void whatItSeesOfAnImageIsInThePackage() throws IOException {
        ImportedNetwork whole = network(file, LABELS);
        ImageFraming framing = new ImageFraming("crop", 0.875, ChannelOrder.BGR);
        TrainerResult result =
                scene.train(spec(dataset, null, new ImportedNetwork(whole.file(), LABELS, null, null, framing)));

        assertEquals(Outcome.SUCCEEDED, result.outcome(), () -> result.failure().message());
        ManifestRef made = new ManifestRef(scene.bucket(), result.packageKey(), result.packageSha256());
        ImagePreparation preparation = ModelPackage.parse(scene.store.read(scene.at(made.key()), made.sha256()))
                .preprocessing()
                .preparation();
        assertEquals(Fit.CROP, preparation.fit());
        assertEquals(new Margins(0.0625, 0.0625, 0.0625, 0.0625), preparation.margins());
        TrainerResult repeated = scene.train(spec(dataset, made, null)); // verifies the parity samples
        assertEquals(result.metrics(), repeated.metrics());
    }

    @Test
    void unsuitableFilesAndDatasetVersionsEndTheRunForGood() throws IOException {
        Failure changed = failure(dataset, network("ab".repeat(32), LABELS));
        assertEquals("DATA", changed.reason());
        Failure labels = failure(dataset, network(file, List.of("plain", "scratched")));
        assertEquals("BAD_CONFIGURATION", labels.reason());
        assertTrue(labels.message().contains("[2, 5]"), labels.message());
        Failure unknown = failure(dataset, network(file, List.of("plain", "b", "c", "d", "e")));
        assertEquals("BAD_CONFIGURATION", unknown.reason());
        assertTrue(unknown.message().contains("'scratched'"), unknown.message());
        Failure task = failure(scene.dataset(Task.ANOMALY_DETECTION, 2), network(file, LABELS));
        assertEquals("BAD_CONFIGURATION", task.reason());
        assertTrue(task.message().contains("ANOMALY_DETECTION"), task.message());
    }

    private static Failure failure(ManifestRef manifest, ImportedNetwork imported) throws IOException {
        TrainerResult result = scene.train(spec(manifest, null, imported));
        assertEquals(Outcome.FAILED, result.outcome());
        assertFalse(result.failure().retryable(), result.failure().toString());
        return result.failure();
    }

    /** An image as the network's author prepares it, read without Loupe's decoder. */
    private static float[] input(Entry entry) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(scene.store.read(scene.at(entry.key()))));
        assertNotNull(image);
        float[] input = new float[3 * 64 * 64];
        for (int i = 0; i < 64 * 64; i++) {
            int rgb = image.getRGB(i % 64, i / 64);
            for (int channel = 0; channel < 3; channel++) {
                int value = rgb >> 16 - 8 * channel & 0xFF;
                input[channel * 64 * 64 + i] = (value / 255f - MEAN[channel]) / STD[channel];
            }
        }
        return input;
    }

    private static double[] softmax(float... logits) {
        double[] probabilities = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            probabilities[i] = Math.exp(logits[i]);
            sum += probabilities[i];
        }
        for (int i = 0; i < logits.length; i++) {
            probabilities[i] /= sum;
        }
        return probabilities;
    }

    private static JsonNode document(TrainerSpec spec, String key) throws IOException {
        return Json.MAPPER.readTree(scene.store.read(scene.at(spec.output().prefix() + key)));
    }
}
