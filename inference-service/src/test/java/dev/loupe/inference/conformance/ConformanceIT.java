package dev.loupe.inference.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.inference.InferenceTestResource;
import dev.loupe.inference.TestClient;
import dev.loupe.testing.DevstackTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The cases of docs/reference/open-inference-protocol.md against a running service with small models. */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
class ConformanceIT {
    private static ConformanceServer server;

    @Inject
    TestClient client;

    @BeforeEach
    void publish() throws Exception {
        if (server == null) {
            server = new ConformanceServer(client, Files.createTempDirectory(Path.of("target"), "conformance"));
        }
    }

    static List<ConformanceCase> cases() {
        return ConformancePage.cases();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void answersAsThePageSays(ConformanceCase each) throws Exception {
        assertEquals(each.outcome(), each.call().outcome(server));
    }
}
