package dev.loupe.storage;

import dev.loupe.devstack.Devstack;
import dev.loupe.devstack.DevstackOptions;
import dev.loupe.devstack.Part;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class S3ProxyObjectStoreIT extends ObjectStoreContract {
    private static Devstack devstack;
    private static ObjectStore store;

    @BeforeAll
    static void start() {
        devstack = Devstack.start(new DevstackOptions(null, Set.of(Part.S3), 0, 0, 0));
        store = new MinioObjectStore(StorageEndpoint.of(
                devstack.storageEndpoint(), devstack.storageAccessKey(), devstack.storageSecretKey()));
        store.createBucket("loupe");
    }

    @AfterAll
    static void stop() {
        store.close();
        devstack.close();
    }

    @Override
    ObjectStore store() {
        return store;
    }
}
