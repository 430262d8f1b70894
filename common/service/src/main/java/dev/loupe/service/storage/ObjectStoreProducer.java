package dev.loupe.service.storage;

import dev.loupe.storage.MinioObjectStore;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageEndpoint;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;

/** The object store that the configuration names. */
class ObjectStoreProducer {
    @Produces
    @ApplicationScoped
    ObjectStore objectStore(StorageConfig config) {
        return new MinioObjectStore(new StorageEndpoint(
                config.endpoint(),
                config.region(),
                config.accessKey(),
                config.secretKey(),
                config.connectTimeout(),
                config.readTimeout(),
                config.retries()));
    }

    void close(@Disposes ObjectStore store) {
        store.close();
    }
}
