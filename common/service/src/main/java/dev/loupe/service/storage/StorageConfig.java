package dev.loupe.service.storage;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;

/** The S3 server that keeps images, manifests, backbones, checkpoints and packages. */
@ConfigMapping(prefix = "loupe.storage")
public interface StorageConfig {
    /** Address of the S3 server. */
    URI endpoint();

    /** Region of its buckets. */
    @WithDefault("us-east-1")
    String region();

    /** Name of the account. */
    String accessKey();

    /** Secret of the account. */
    String secretKey();

    /** Bucket of everything; made at the start if it is not there and may be made. */
    @WithDefault("loupe")
    String bucket();

    /** Longest time to get a connection. */
    @WithDefault("5s")
    Duration connectTimeout();

    /** Longest silence within an answer. */
    @WithDefault("30s")
    Duration readTimeout();

    /** Further tries after one that failed in a way that may pass. */
    @WithDefault("5")
    int retries();
}
