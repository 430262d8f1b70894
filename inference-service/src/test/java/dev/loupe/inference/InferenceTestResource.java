package dev.loupe.inference;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A replica with little room: what it does at its limits comes into reach of a test. */
public final class InferenceTestResource implements QuarkusTestResourceLifecycleManager {
    /** Memory for models. */
    static final int MEMORY_MIB = 128;
    /** Name of the project whose models compute requests together. */
    static final String BATCHED_PROJECT = "batched";

    @Override
    public Map<String, String> start() {
        try (ServerSocket free = new ServerSocket(0)) {
            return Map.ofEntries(
                    Map.entry(
                            "loupe.inference.cache.directory",
                            Files.createTempDirectory(Path.of("target"), "cache")
                                    .toString()),
                    Map.entry("quarkus.grpc.server.test-port", String.valueOf(free.getLocalPort())),
                    // Only the packages of PrecisionIT have such models.
                    Map.entry("loupe.inference.precision", "int8"),
                    Map.entry("loupe.inference.prediction.threads", "2"),
                    Map.entry("loupe.inference.prediction.queue", "8"),
                    Map.entry("loupe.inference.prediction.queue-size", "24M"),
                    Map.entry("loupe.inference.batching.models." + BATCHED_PROJECT + ".max-size", "8"),
                    Map.entry("loupe.inference.connection.max-connections", "8"),
                    Map.entry("loupe.inference.connection.receive-timeout", "5s"),
                    Map.entry("loupe.inference.loading.newest", "1"),
                    Map.entry("loupe.inference.loading.memory", MEMORY_MIB + "M"),
                    Map.entry("loupe.inference.loading.retry-after", "1s"),
                    Map.entry("loupe.inference.webhook.allow-private-networks", "true"),
                    Map.entry("loupe.inference.webhook.retry-delay", "100ms"),
                    Map.entry("loupe.inference.webhook.max-attempts", "3"),
                    Map.entry("loupe.inference.webhook.timeout", "2s"),
                    Map.entry("loupe.inference.webhook.interval", "200ms"),
                    Map.entry("loupe.inference.shadow.interval", "200ms"),
                    Map.entry("loupe.inference.prediction-log.queue", "100"),
                    Map.entry("loupe.inference.prediction-log.prune-interval", "1s"),
                    Map.entry("loupe.inference.prediction-log.sweep-interval", "1s"),
                    Map.entry("loupe.inference.drift.interval", "500ms"),
                    Map.entry("loupe.inference.drift.delay", "0s"),
                    Map.entry("loupe.inference.reconcile-interval", "1s"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {}
}
