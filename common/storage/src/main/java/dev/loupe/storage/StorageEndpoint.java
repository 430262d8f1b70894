package dev.loupe.storage;

import java.net.URI;
import java.time.Duration;

/**
 * How to reach object storage.
 *
 * @param url of the S3 server
 * @param region of its buckets
 * @param accessKey name of the account
 * @param secretKey its secret
 * @param connectTimeout to get a connection
 * @param readTimeout the longest silence within an answer
 * @param retries after the first try, 0..10
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
            throw new IllegalArgumentException("Not the address of an S3 server: '" + url + "'");
        }
        if (retries < 0 || retries > 10) {
            throw new IllegalArgumentException("retries: expected 0..10, got " + retries);
        }
    }

    /** An endpoint with the default time limits and five retries. */
    public static StorageEndpoint of(URI url, String accessKey, String secretKey) {
        return new StorageEndpoint(
                url, "us-east-1", accessKey, secretKey, Duration.ofSeconds(5), Duration.ofSeconds(30), 5);
    }

    @Override
    public String toString() {
        return url + " as " + accessKey; // never the secret
    }
}
