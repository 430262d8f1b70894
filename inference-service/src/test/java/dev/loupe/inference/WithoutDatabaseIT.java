package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.PATIENCE;
import static dev.loupe.inference.TestClient.image;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.loupe.contracts.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.inference.registry.Alias;
import dev.loupe.inference.registry.Arm;
import dev.loupe.inference.registry.Canary;
import dev.loupe.inference.registry.CurrentThreshold;
import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelVersion;
import dev.loupe.inference.registry.RegistrySnapshot;
import dev.loupe.model.ModelPackage;
import dev.loupe.oip.v2.GRPCInferenceServiceGrpc;
import dev.loupe.oip.v2.InferParameter;
import dev.loupe.oip.v2.ModelInferResponse;
import dev.loupe.storage.ObjectLocation;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.awt.Color;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** The database, the broker and the object storage do not answer; the disk has their last state. */
@QuarkusTest
@TestProfile(WithoutDatabaseIT.Alone.class)
class WithoutDatabaseIT {
    private static final Project PROJECT = new Project(
            UUID.fromString("01989f5e-5a2e-7cc1-8a0e-7d1a3a1b2c3d"), "alone", dev.loupe.events.v1.Task.CLASSIFICATION);

    private static final Project DETECTOR = new Project(
            UUID.fromString("01989f5e-5a2e-7cc1-8a0e-7d1a3a1b2c3e"),
            "detector",
            dev.loupe.events.v1.Task.ANOMALY_DETECTION);

    private static final Alias ALIAS = new Alias("production", 4, 7);
    private static final Canary CANARY = new Canary("production", 2, 7, 5, 30, 42, true, false);

    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int port;

    public static class Alone implements QuarkusTestProfile {
        @Override
        public boolean disableGlobalTestResources() {
            return true;
        }

        @Override
        public List<TestResourceEntry> testResources() {
            return List.of(new TestResourceEntry(FilledCache.class));
        }
    }

    public static class FilledCache implements QuarkusTestResourceLifecycleManager {
        @Override
        public Map<String, String> start() {
            Map<String, String> configuration = new HashMap<>(new InferenceTestResource().start());
            try (ServerSocket closed = new ServerSocket(0)) {
                fill(Path.of(configuration.get("loupe.inference.cache.directory")));
                String closedAddress = "127.0.0.1:" + closed.getLocalPort();
                configuration.put("quarkus.datasource.jdbc.url", "jdbc:postgresql://" + closedAddress + "/loupe");
                configuration.put("quarkus.datasource.username", "loupe");
                configuration.put("quarkus.datasource.password", "loupe");
                configuration.put("quarkus.flyway.connect-retries", "10"); // as in the chart
                configuration.put("kafka.bootstrap.servers", closedAddress);
                configuration.put("loupe.storage.endpoint", "http://" + closedAddress);
                configuration.put("loupe.storage.access-key", "loupe");
                configuration.put("loupe.storage.secret-key", "loupe");
                configuration.put("quarkus.log.category.\"org.apache.kafka\".level", "ERROR");
                return configuration;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void fill(Path cache) throws IOException {
            Path packages = cache.resolve("packages");
            Path new4 = SmallModels.classifier(packages.resolve("new4"), 1, List.of("red", "blue"));
            Path new5 = SmallModels.classifier(packages.resolve("new5"), 2, List.of("red", "blue"));
            Path detector = SmallModels.anomalyDetector(packages.resolve("new"));
            RegistrySnapshot snapshot = new RegistrySnapshot(List.of(
                    new RegistrySnapshot.Entry(
                            new Model(PROJECT.id(), PROJECT.name(), Task.CLASSIFICATION),
                            List.of(),
                            List.of(version(packages, new4, 4), version(packages, new5, 5)),
                            List.of(ALIAS),
                            List.of(),
                            List.of(CANARY),
                            Set.of()),
                    new RegistrySnapshot.Entry(
                            new Model(DETECTOR.id(), DETECTOR.name(), Task.ANOMALY_DETECTION),
                            List.of(),
                            List.of(version(packages, detector, 4)),
                            List.of(ALIAS),
                            List.of(new CurrentThreshold(4, 3, 0.75)),
                            List.of(),
                            Set.of())));
            JsonMapper.builder()
                    .findAndAddModules()
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .build()
                    .writeValue(cache.resolve("registry.json").toFile(), snapshot);
        }

        private static ModelVersion version(Path packages, Path folder, int number) throws IOException {
            String sha256 =
                    ModelPackage.describe(folder.resolve(ModelPackage.MANIFEST)).sha256();
            Files.move(folder, packages.resolve(sha256));
            return new ModelVersion(
                    number,
                    UUID.randomUUID(),
                    new ObjectLocation("loupe", "runs/r/package/manifest.json"),
                    sha256,
                    "d",
                    1,
                    "test",
                    Map.of(),
                    "transfer",
                    "scattering",
                    null,
                    Instant.EPOCH,
                    null);
        }

        @Override
        public void stop() {}
    }

    @Test
    void servesFromItsDiskWithTheSameSplitWhenDatabaseBrokerAndStorageAreUnavailable() {
        await().atMost(PATIENCE)
                .untilAsserted(() -> given().get("/q/health/ready").then().statusCode(200));
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("localhost", port).usePlaintext().build();
        try {
            assertEquals(
                    3,
                    GRPCInferenceServiceGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(30, TimeUnit.SECONDS)
                            .modelInfer(image(DETECTOR, "", png(Color.RED)).build())
                            .getParametersOrThrow("threshold_version")
                            .getInt64Param());
            for (int i = 0; i < 100; i++) {
                String key = "camera-" + i;
                ModelInferResponse answer = GRPCInferenceServiceGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(30, TimeUnit.SECONDS)
                        .modelInfer(image(PROJECT, "", png(Color.RED))
                                .putParameters(
                                        "loupe-request-key",
                                        InferParameter.newBuilder()
                                                .setStringParam(key)
                                                .build())
                                .build());
                assertEquals(CANARY.arm(key) == Arm.CANDIDATE ? "5" : "4", answer.getModelVersion(), key);
            }
        } finally {
            channel.shutdownNow();
        }
        given().get("/api/v1/models").then().statusCode(503).body("code", equalTo("DATABASE_UNAVAILABLE"));
    }
}
