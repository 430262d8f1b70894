package dev.loupe.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The paths that the gateway forwards are those of the services' own documents. */
class ServiceTest {
    @ParameterizedTest
    @CsvSource({"DATASET, dataset-service", "TRAINING, training-service/service", "INFERENCE, inference-service"})
    void everyPathOfAServiceLeadsToIt(Service service, String module) throws IOException {
        Path document = Path.of("../..", module, "target/classes/META-INF/resources/openapi.json");
        Set<String> paths = new JsonObject(Files.readString(document))
                .getJsonObject("paths")
                .fieldNames();

        assertFalse(paths.isEmpty());
        for (String path : paths) {
            assertEquals(Optional.of(service), Service.of(path.replace("{service}", service.label())), path);
        }
    }

    @Test
    void pathThatOnlyBeginsAlikeIsOfNoService() {
        assertEquals(Optional.empty(), Service.of("/api/v1/runsheet"));
    }
}
