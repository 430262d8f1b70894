package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.tools.ToolProvider;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The clients in docs/reference/predictions.md, run as the page shows them against a detector of white. */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class DocumentedClientsIT {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final Project PARTS = new Project(UUID.randomUUID(), "parts", Task.ANOMALY_DETECTION);
    private static boolean published;

    @Inject
    TestClient client;

    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int port;

    @TempDir
    Path folder;

    @BeforeEach
    void theProjectOfThePage() throws IOException {
        Files.write(folder.resolve("part.png"), png(Color.WHITE));
        if (!published) {
            client.publish(PARTS, 1, "READY", SmallModels.anomalyDetector(folder.resolve("model")), 0.9);
            client.promote(PARTS, "production", Map.of("version", 1)).then().statusCode(200);
            published = true;
        }
    }

    @Test
    void grpcurlListsDescribesAndPredicts() throws Exception {
        Path grpcurl = ThirdPartyPrograms.program("grpcurl");
        List<String> blocks = blocks("bash");
        assertEquals(3, blocks.size());
        String typed = run("bash", "-euc", "PATH=" + grpcurl.getParent() + ":$PATH\n" + blocks.getFirst());
        for (String shown : List.of(
                "inference.GRPCInferenceService", "bytes image = 2;", "\"anomaly_score\": 1", "\"anomalous\": true")) {
            assertTrue(typed.contains(shown), typed);
        }
        String map = run("bash", "-euc", "PATH=" + grpcurl.getParent() + ":$PATH\n" + blocks.get(1));
        assertTrue(map.contains("\"anomaly_map\"") && map.contains("\"fp32_contents\""), map);
    }

    @Test
    void theJavaClientPredictsAndWritesTheHeatmap() throws Exception {
        Path source =
                Files.writeString(folder.resolve("Detect.java"), blocks("java").getFirst());
        String classPath = System.getProperty("java.class.path");
        assertEquals(
                0,
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-proc:none",
                                "-d",
                                folder.toString(),
                                "-cp",
                                classPath,
                                source.toString()));
        ProcessBuilder java = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(), "Detect");
        java.environment().put("CLASSPATH", folder + File.pathSeparator + classPath);
        assertTrue(finished(java).contains("1.0 true"));
        requireHeatmap();
    }

    @Test
    void theTypedPythonClientPredictsAndWritesTheHeatmap() throws Exception {
        Path python = pythonWithTypedClient();
        assertEquals(
                "1.0 True 1",
                run(python.toString(), "-c", blocks("python").getFirst()).strip());
        requireHeatmap();
    }

    @Test
    void theTypedPythonClientStreamsFrames() throws Exception {
        Path python = pythonWithTypedClient();
        assertEquals(
                List.of("0 1.0", "1 IMAGE_UNSUPPORTED", "2 1.0"),
                run(python.toString(), "-c", blocks("python").get(1)).lines().toList());
    }

    private Path pythonWithTypedClient() throws Exception {
        Path python = ThirdPartyPrograms.python("grpc_tools");
        run(
                python.toString(),
                "-m",
                "grpc_tools.protoc",
                "-I",
                HOME.resolve("common/contracts/src/main/proto").toString(),
                "--python_out=.",
                "--grpc_python_out=.",
                "loupe_inference.proto");
        return python;
    }

    @Test
    void tritonsClientPredicts() throws Exception {
        Path python = ThirdPartyPrograms.python("tritonclient.grpc");
        assertEquals(
                "[1.] 1", run(python.toString(), "-c", blocks("python").get(2)).strip());
    }

    @Test
    void tritonsHttpClientPredicts() throws Exception {
        Path python = ThirdPartyPrograms.python("tritonclient.http");
        assertEquals(
                "[1.] 1", run(python.toString(), "-c", blocks("python").get(3)).strip());
    }

    @Test
    void curlPredicts() throws Exception {
        String answer = run("bash", "-euc", blocks("bash").getLast());
        assertTrue(answer.contains("\"anomalous\":true"), answer);
    }

    private void requireHeatmap() throws IOException {
        BufferedImage heatmap = ImageIO.read(folder.resolve("heatmap.png").toFile());
        assertTrue(heatmap.getWidth() >= 20);
    }

    private List<String> blocks(String language) throws IOException {
        Matcher blocks = Pattern.compile("^```" + language + "\\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(Files.readString(HOME.resolve("docs/reference/predictions.md")));
        return blocks.results()
                .map(block -> block.group(1)
                        .replace("localhost:9000", "localhost:" + port)
                        .replace("localhost:8082", "localhost:" + RestAssured.port))
                .toList();
    }

    private String run(String... command) throws Exception {
        return finished(new ProcessBuilder(command));
    }

    private String finished(ProcessBuilder command) throws Exception {
        return ThirdPartyPrograms.finished(
                command.directory(folder.toFile()).redirectErrorStream(true).start());
    }
}
