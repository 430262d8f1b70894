package dev.loupe.storage;

import dev.loupe.devstack.Devstack;
import dev.loupe.devstack.DevstackOptions;
import dev.loupe.devstack.Part;
import dev.loupe.storage.ObjectSigner.Access;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract without an account: every object by an address that somebody who has one signs. */
class GrantedObjectStoreIT extends ObjectStoreContract {
    private static Devstack devstack;
    private static MinioObjectStore signing;
    private static ObjectStore store;

    @BeforeAll
    static void start() {
        devstack = Devstack.start(new DevstackOptions(null, Set.of(Part.S3), 0, 0, 0));
        signing = new MinioObjectStore(StorageEndpoint.of(
                devstack.storageEndpoint(), devstack.storageAccessKey(), devstack.storageSecretKey()));
        signing.createBucket("loupe");
        store = new GrantedObjectStore(new Signed(), 2);
    }

    @AfterAll
    static void stop() {
        store.close();
        signing.close();
        devstack.close();
    }

    @Override
    ObjectStore store() {
        return store;
    }

    @Override
    ObjectStore owner() {
        return signing;
    }

    private static final class Signed implements ObjectGrants {
        @Override
        public URI address(Access access, ObjectLocation location) {
            return signing.sign(access, location, Duration.ofMinutes(1));
        }

        @Override
        public void refused(Access access, ObjectLocation location) {}

        @Override
        public List<StoredObject> list(String bucket, String prefix) {
            return signing.list(bucket, prefix);
        }

        @Override
        public void delete(ObjectLocation location) {
            signing.delete(location);
        }
    }
}
