package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.testing.ThirdPartyPrograms;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** NVIDIA's Python clients, unmodified, with the extensions that Loupe has. */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class TritonClientIT {
    @Inject
    TestClient client;

    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int port;

    @TempDir
    Path folder;

    @Test
    void configuresCountsLoadsAndStreams() throws Exception {
        Path python = ThirdPartyPrograms.python("tritonclient.grpc, tritonclient.http");
        Project project = Project.of(Task.ANOMALY_DETECTION);
        client.publish(project, 1, "READY", SmallModels.anomalyDetector(folder), 0.9);
        client.promote(project, "production", Map.of("version", 1)).then().statusCode(200);

        String said = ThirdPartyPrograms.output(List.of(
                python.toString(),
                Path.of("src/test/resources/triton_extensions.py")
                        .toAbsolutePath()
                        .toString(),
                "localhost:" + RestAssured.port,
                "localhost:" + port,
                project.name(),
                Files.write(folder.resolve("white.png"), png(Color.WHITE)).toString()));

        assertTrue(said.contains("inferences "), said);
    }
}
