package dev.loupe.trainer;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerResult.Outcome;
import dev.loupe.contracts.training.TrainerSpec.ManifestRef;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Precision;
import dev.loupe.model.Predictor;
import dev.loupe.model.Quantization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuantizedTrainingIT {
    /** 12 images of each label in DEV. */
    private static final int PER_SPLIT = 12;

    @TempDir
    static Path folder;

    private static Scene scene;

    @BeforeAll
    static void start() throws IOException {
        scene = new Scene(folder);
    }

    @AfterAll
    static void close() {
        scene.close();
    }

    private static Recipe recipe(String name, String quantize) {
        Map<String, Object> parameters = new HashMap<>(Map.of("backbone", BackboneName.RANDOM));
        if (quantize != null) {
            parameters.put("quantize", quantize);
        }
        return new Recipe(name, parameters);
    }

    @Test
    void aClassifierGetsAModelWithIntegersThatReproducesItsParitySamples() throws Exception {
        ModelPackage made = trained(scene.dataset(Task.CLASSIFICATION, PER_SPLIT), recipe("transfer", "auto"));
        checkConsistent(made, "accuracy");
    }

    @Test
    void aDetectorIsComparedByItsAreaUnderTheCurve() throws Exception {
        ModelPackage made = trained(scene.dataset(Task.ANOMALY_DETECTION, PER_SPLIT), recipe("patchcore", "auto"));
        checkConsistent(made, "auroc");
    }

    private static void checkConsistent(ModelPackage made, String metric) {
        ModelManifest manifest = made.manifest();
        Quantization result = manifest.quantization();
        assertEquals(metric, result.metric(), result.toString());
        assertEquals(2 * PER_SPLIT, result.images());
        assertEquals(manifest.devMetrics().get(metric), result.fp32(), 1e-9);
        boolean within = result.fp32() - result.int8() <= 0.005 + 1e-9 && result.agreement() >= 0.99;
        assertEquals(within, result.accepted(), result.toString());
        assertEquals(within, made.files().containsKey(Quantization.FILE));
        if (within) {
            try (Predictor int8 = Predictor.open(made, Precision.INT8, 1)) {
                assertDoesNotThrow(int8::verifyParity);
            }
        } else {
            assertTrue(result.reason().contains("DEV"), result.reason());
        }
    }

    @Test
    void aTrainingThatIsNotAskedForItHasNone() throws Exception {
        ManifestRef classes = scene.dataset(Task.CLASSIFICATION, 2);
        for (String quantize : new String[] {null, "off"}) {
            ModelPackage made = trained(classes, recipe("transfer", quantize));
            assertNull(made.manifest().quantization());
            assertFalse(made.files().containsKey(Quantization.FILE));
        }
    }

    private static ModelPackage trained(ManifestRef dataset, Recipe recipe) throws IOException {
        TrainerResult result = scene.train(scene.spec(UUID.randomUUID(), 1, dataset, recipe));
        assertEquals(Outcome.SUCCEEDED, result.outcome(), () -> String.valueOf(result.failure()));
        return scene.download(result);
    }
}
