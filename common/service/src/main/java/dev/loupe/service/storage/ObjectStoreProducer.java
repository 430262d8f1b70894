package dev.loupe.service.storage;

import dev.loupe.storage.MinioObjectStore;
import dev.loupe.storage.StorageEndpoint;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Produces the configured object store, which also creates presigned URLs. */
class ObjectStoreProducer {
    @Produces
    @Singleton
    MinioObjectStore objectStore(StorageConfig config) {
        return new MinioObjectStore(new StorageEndpoint(
                config.endpoint(),
                config.region(),
                config.accessKey(),
                config.secretKey(),
                config.connectTimeout(),
                config.readTimeout(),
                config.retries()));
    }

    void close(@Disposes MinioObjectStore store) {
        store.close();
    }
}
