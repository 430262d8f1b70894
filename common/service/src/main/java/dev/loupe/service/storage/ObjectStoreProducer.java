package dev.loupe.service.storage;

import dev.loupe.storage.MinioObjectStore;
import dev.loupe.storage.StorageEndpoint;
import dev.loupe.tls.TlsAuthorities;
import dev.loupe.tls.server.Tls;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Produces the configured object store, which also creates presigned URLs. */
class ObjectStoreProducer {
    @Produces
    @Singleton
    MinioObjectStore objectStore(StorageConfig config, Tls tls) {
        TlsAuthorities authorities = config.ca()
                .map(file -> new TlsAuthorities("loupe.storage.ca", file))
                .orElse(null);
        if (authorities != null) {
            tls.watch(authorities);
        }
        StorageEndpoint endpoint = new StorageEndpoint(
                config.endpoint(),
                config.region(),
                config.accessKey(),
                config.secretKey(),
                config.connectTimeout(),
                config.readTimeout(),
                config.retries());
        return new MinioObjectStore(endpoint, authorities);
    }

    void close(@Disposes MinioObjectStore store) {
        store.close();
    }
}
