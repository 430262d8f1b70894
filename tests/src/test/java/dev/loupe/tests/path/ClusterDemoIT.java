package dev.loupe.tests.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Json;
import dev.loupe.tests.path.LoupeProgram.Ended;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code ./loupe cluster demo} on a real cluster, and checks that {@code cluster remove} deletes everything. */
@Tag("cluster")
class ClusterDemoIT {
    private static final String NAMESPACE = "loupe-demo-test";

    @TempDir
    private Path folder;

    private static Optional<String> environment(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
    }

    @Test
    void theDemonstrationRunsInAClusterAndLeavesNothingBehind() throws Exception {
        Optional<String> cluster = environment("LOUPE_KUBECONFIG").or(() -> environment("KUBECONFIG"));
        assumeTrue(cluster.isPresent(), "skipped: neither LOUPE_KUBECONFIG nor KUBECONFIG names a cluster");
        assumeTrue(
                environment("LOUPE_IMAGE_LOAD").isPresent(),
                "skipped: LOUPE_IMAGE_LOAD does not say how images get into the cluster");
        LoupeProgram loupe = new LoupeProgram(folder, Map.of("KUBECONFIG", cluster.get()));

        Ended demo = loupe.run(List.of("cluster", "demo", "--namespace", NAMESPACE, "--base", "offline", "--json"));
        assertEquals(0, demo.status(), demo.output());
        JsonNode result = Json.read(demo.output().lines().toList().getLast());
        assertTrue(result.path("value").asDouble() > 0.95, result.toString());
        assertTrue(result.path("control").asDouble() < result.path("value").asDouble(), result.toString());
        assertEquals(8, result.path("predictions").asInt(), result.toString());

        Ended remove = loupe.run(List.of("cluster", "remove", "--namespace", NAMESPACE));
        assertEquals(0, remove.status(), remove.output());
        Ended again = loupe.run(List.of("cluster", "remove", "--namespace", NAMESPACE));
        assertEquals(1, again.status(), again.output());
        assertTrue(again.output().contains("there is no namespace"), again.output());
    }
}
