package dev.loupe.trainer;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.contracts.training.TrainerSpec.ManifestRef;
import dev.loupe.storage.MinioObjectStore;
import dev.loupe.testing.TrainerContract;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class TrainerContractIT extends TrainerContract {
    @TempDir
    static Path scenes;

    private static Scene scene;
    private static ManifestRef dataset;

    @BeforeAll
    static void freezeDataset() throws IOException {
        scene = new Scene(scenes);
        dataset = scene.dataset(Task.ANOMALY_DETECTION, 3);
    }

    @AfterAll
    static void close() {
        scene.close();
    }

    @Override
    protected Class<?> program() {
        return Trainer.class;
    }

    @Override
    protected MinioObjectStore store() {
        return scene.store;
    }

    @Override
    protected TrainerSpec spec(UUID run, Path folder, String attemptUrl) {
        Recipe recipe = new Recipe("patchcore", Map.of("backbone", BackboneName.RANDOM));
        return scene.spec(run, 1, dataset, recipe, attemptUrl);
    }
}
