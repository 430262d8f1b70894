package dev.loupe.console;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Where the services answer. */
@ConfigMapping(prefix = "loupe.console")
interface ConsoleConfig {
    /** The address that browsers know the console by, such as {@code https://loupe.example.org}; required for a login. */
    Optional<URI> url();

    /** Base address of dataset-service. */
    @WithDefault("http://127.0.0.1:8080")
    URI datasetService();

    /** Base address of training-service. */
    @WithDefault("http://127.0.0.1:8081")
    URI trainingService();

    /** Base address of inference-service. */
    @WithDefault("http://127.0.0.1:8082")
    URI inferenceService();

    /** Longest time until a service accepts a connection. */
    @WithDefault("5s")
    Duration connectTimeout();

    /** Most connections to one service at the same time; a page that follows a run holds one. */
    @WithDefault("500")
    int maxConnections();
}
