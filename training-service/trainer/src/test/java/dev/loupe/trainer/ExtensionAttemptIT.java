package dev.loupe.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.dataset.DatasetManifest.Entry;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.contracts.training.TrainerSpec.ExtensionRef;
import dev.loupe.contracts.training.TrainerSpec.ManifestRef;
import dev.loupe.model.DevScores;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Quantization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trainer that extends the memory of a model which another attempt has trained. */
class ExtensionAttemptIT {
    private static final Recipe RECIPE =
            new Recipe("patchcore", Map.of("backbone", BackboneName.SCATTERING, "quantize", "auto"));

    @TempDir
    static Path folder;

    private static Scene scene;
    private static TrainerSpec trained;
    private static TrainerResult result;
    /** Scratched images, which are normal in this dataset version. */
    private static ManifestRef further;

    private static List<String> images;

    @BeforeAll
    static void train() throws IOException {
        scene = new Scene(folder);
        trained = scene.spec(UUID.randomUUID(), 1, scene.dataset(Task.ANOMALY_DETECTION, 12), RECIPE);
        result = scene.train(trained);
        assertEquals(Outcome.SUCCEEDED, result.outcome(), () -> result.failure().message());
        // The classification set of the scene has the same kinds of images, under other labels.
        ManifestRef labelled = scene.dataset(Task.CLASSIFICATION, 3);
        DatasetManifest source =
                Json.MAPPER.readValue(scene.store.read(scene.at(labelled.key())), DatasetManifest.class);
        List<Entry> entries = source.images().stream()
                .filter(image -> image.label().equals("scratched") && image.split() == Split.TRAIN)
                .map(image -> new Entry(
                        image.sha256(),
                        image.key(),
                        image.size(),
                        image.name(),
                        DatasetManifest.NORMAL,
                        image.split(),
                        64,
                        64,
                        null,
                        null))
                .toList();
        images = entries.stream().map(Entry::sha256).toList();
        further = put(source, entries);
    }

    private static ManifestRef put(DatasetManifest source, List<Entry> entries) throws IOException {
        byte[] document = Json.MAPPER.writeValueAsBytes(new DatasetManifest(
                1,
                source.projectId(),
                "parts",
                Task.ANOMALY_DETECTION,
                UUID.randomUUID().toString(),
                2,
                7,
                scene.bucket(),
                List.of(DatasetManifest.NORMAL, DatasetManifest.ABNORMAL),
                "test",
                entries));
        String key = "projects/" + source.projectId() + "/versions/2/manifest.json";
        scene.store.put(scene.at(key), document, "application/json");
        return new ManifestRef(scene.bucket(), key, dev.loupe.storage.Sha256.of(document));
    }

    @AfterAll
    static void close() {
        scene.close();
    }

    private static TrainerSpec extension(TrainerResult parent, List<String> digests) {
        TrainerSpec spec = scene.spec(UUID.randomUUID(), 1, trained.manifest(), RECIPE);
        ManifestRef model = new ManifestRef(scene.bucket(), parent.packageKey(), parent.packageSha256());
        return spec.extending(new ExtensionRef(model, further, digests));
    }

    private static ModelManifest manifest(TrainerResult made) {
        return ModelPackage.parse(scene.store.read(scene.at(made.packageKey())));
    }

    private static DevScores devScores(TrainerResult made) {
        String folder = made.packageKey().substring(0, made.packageKey().lastIndexOf('/') + 1);
        return DevScores.parse(scene.store.read(scene.at(folder + DevScores.FILE)));
    }

    @Test
    void packageOfAnExtensionIsOneLikeAnyOtherAndNamesItsParent() throws IOException {
        TrainerSpec spec = extension(result, images.subList(0, 2));
        TrainerResult extended = scene.train(spec);
        assertEquals(
                Outcome.SUCCEEDED, extended.outcome(), () -> extended.failure().message());
        assertEquals(result.metrics().keySet(), extended.metrics().keySet());
        assertEquals(result.testCounts().images(), extended.testCounts().images());
        ModelManifest parent = manifest(result);
        ModelManifest child = manifest(extended);
        assertEquals(parent.datasetVersion(), child.datasetVersion());
        assertEquals(parent.lineage().backbone(), child.lineage().backbone());
        assertEquals(spec.runId(), child.lineage().runId());
        assertEquals(trained.runId(), child.lineage().extension().runId());
        assertEquals(result.packageSha256(), child.lineage().extension().manifestSha256());
        assertEquals(images.subList(0, 2), child.lineage().extension().images());
        assertTrue(child.lineage().extension().addedPatches() > 0);
        assertEquals("auroc", parent.quantization().metric());
        assertEquals("auroc", child.quantization().metric());
        assertEquals(child.devMetrics().get("auroc"), child.quantization().fp32(), 1e-9, "the extended model's own");
        assertEquals(child.quantization().accepted(), child.files().containsKey(Quantization.FILE));
        assertNotEquals(parent.files().get("model.onnx"), child.files().get("model.onnx"));
        assertEquals(
                devScores(result).images().keySet(),
                devScores(extended).images().keySet());

        TrainerResult second = scene.train(extension(extended, images.subList(2, 3)));
        assertEquals(Outcome.SUCCEEDED, second.outcome(), () -> second.failure().message());
        assertEquals(
                images.subList(0, 3), manifest(second).lineage().extension().images());
        assertEquals(
                child.lineage().extension().coverageRadius(),
                manifest(second).lineage().extension().coverageRadius());
    }

    @Test
    void imageThatIsMissingEndsTheRunForGood() throws IOException {
        TrainerResult failed = scene.train(extension(result, List.of(images.getFirst(), "ab".repeat(32))));
        assertEquals(Outcome.FAILED, failed.outcome());
        assertTrue(
                failed.failure().message().contains("expected 2 images"),
                failed.failure().message());
        assertTrue(!failed.failure().retryable());
    }
}
