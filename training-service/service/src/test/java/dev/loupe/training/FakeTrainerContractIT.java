package dev.loupe.training;

import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.contracts.training.TrainerSpec.ManifestRef;
import dev.loupe.contracts.training.TrainerSpec.OutputRef;
import dev.loupe.devstack.Devstack;
import dev.loupe.devstack.DevstackOptions;
import dev.loupe.devstack.Part;
import dev.loupe.storage.MinioObjectStore;
import dev.loupe.storage.StorageEndpoint;
import dev.loupe.testing.TrainerContract;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class FakeTrainerContractIT extends TrainerContract {
    private static Devstack devstack;
    private static MinioObjectStore store;

    @BeforeAll
    static void startStorage() {
        devstack = Devstack.start(new DevstackOptions(null, EnumSet.of(Part.S3), 0, 0, 0));
        store = new MinioObjectStore(StorageEndpoint.of(
                devstack.storageEndpoint(), devstack.storageAccessKey(), devstack.storageSecretKey()));
    }

    @AfterAll
    static void stopStorage() {
        store.close();
        devstack.close();
    }

    @Override
    protected Class<?> program() {
        return FakeTrainer.class;
    }

    @Override
    protected MinioObjectStore store() {
        return store;
    }

    @Override
    protected TrainerSpec spec(UUID run, Path folder, String attemptUrl) {
        return new TrainerSpec(
                run.toString(),
                1,
                UUID.randomUUID().toString(),
                "parts",
                new ManifestRef(devstack.storageBucket(), "manifest.json", "ab".repeat(32)),
                null,
                null,
                Recipe.of("patchcore"),
                null,
                FakeTrainer.SUCCEED,
                new OutputRef(devstack.storageBucket(), "runs/" + run + "/"),
                folder.resolve(run.toString()).toString(),
                folder.resolve("cache").toString(),
                attemptUrl,
                1);
    }
}
