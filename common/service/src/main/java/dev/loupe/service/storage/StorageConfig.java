package dev.loupe.service.storage;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Connection to the S3 server that stores images, manifests, backbones, checkpoints and packages. */
@ConfigMapping(prefix = "loupe.storage")
public interface StorageConfig {
    /** URL of the S3 server. */
    URI endpoint();

    /** Region of the bucket. */
    @WithDefault("us-east-1")
    String region();

    /** Access key of the account. */
    String accessKey();

    /** Secret key of the account. */
    String secretKey();

    /** Bucket of all objects; created on startup if it does not exist and the account may create it. */
    @WithDefault("loupe")
    String bucket();

    /** PEM file with the authorities of an HTTPS server. Default: those of the Java runtime. */
    Optional<Path> ca();

    /** Longest time to establish a connection. */
    @WithDefault("5s")
    Duration connectTimeout();

    /** Longest time without data within a response. */
    @WithDefault("30s")
    Duration readTimeout();

    /** Number of retries after a transient failure. */
    @WithDefault("5")
    int retries();
}
