package dev.loupe.storage;

import java.net.URI;
import java.time.Duration;

/**
 * Connection settings of object storage.
 *
 * @param url URL of the S3 server
 * @param region region of its buckets
 * @param accessKey name of the account
 * @param secretKey secret key of the account
 * @param connectTimeout longest time to establish a connection
 * @param readTimeout longest time without data within a response
 * @param retries number of retries after the first attempt, 0..10
 */
public record StorageEndpoint(
        URI url,
        String region,
        String accessKey,
        String secretKey,
        Duration connectTimeout,
        Duration readTimeout,
        int retries) {
    public StorageEndpoint {
        if (url.getHost() == null) {
            throw new IllegalArgumentException("invalid URL of an S3 server '" + url + "': it has no host");
        }
        if (retries < 0 || retries > 10) {
            throw new IllegalArgumentException("retries: expected 0..10, got " + retries);
        }
    }

    /** An endpoint with default timeouts and five retries. */
    public static StorageEndpoint of(URI url, String accessKey, String secretKey) {
        return new StorageEndpoint(
                url, "us-east-1", accessKey, secretKey, Duration.ofSeconds(5), Duration.ofSeconds(30), 5);
    }

    @Override
    public String toString() {
        return url + " as " + accessKey; // never log the secret
    }
}
