package dev.loupe.inference;

import static dev.loupe.inference.SmallModels.png;
import static dev.loupe.inference.TestClient.PATIENCE;
import static dev.loupe.inference.TestClient.image;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.events.v1.Task;
import dev.loupe.inference.TestClient.Project;
import dev.loupe.testing.DevstackTestResource;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.awt.Color;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "inference"))
@QuarkusTestResource(InferenceTestResource.class)
@QuarkusTestResource(value = CollectorResource.class, restrictToAnnotatedClass = true)
class TracingIT {
    private static final Metadata.Key<String> TRACEPARENT =
            Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);

    @Inject
    TestClient client;

    @TempDir
    Path folder;

    private final Project project = Project.of(Task.CLASSIFICATION);

    @Test
    void recordsAPredictionInItsCallersSampledTrace() {
        client.publish(project, 1, "READY", SmallModels.classifier(folder, 1, List.of("red", "blue")), 0.9);
        String unrecorded = predict("00");
        String recorded = predict("01");

        await().atMost(PATIENCE)
                .until(() -> CollectorResource.has(HexFormat.of().parseHex(recorded)));
        assertTrue(CollectorResource.has("inference.GRPCInferenceService/ModelInfer".getBytes(StandardCharsets.UTF_8)));
        assertFalse(CollectorResource.has(HexFormat.of().parseHex(unrecorded)), "came before, and was not recorded");
        assertFalse(CollectorResource.has("/api/v1/models".getBytes(StandardCharsets.UTF_8)), "share of others: 0");
    }

    /** @return id of the trace */
    private String predict(String flags) {
        String trace = UUID.randomUUID().toString().replace("-", "");
        Metadata headers = new Metadata();
        headers.put(TRACEPARENT, "00-" + trace + "-00f067aa0ba902b7-" + flags);
        client.open()
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .modelInfer(image(project, "1", png(Color.RED)).build());
        return trace;
    }
}
