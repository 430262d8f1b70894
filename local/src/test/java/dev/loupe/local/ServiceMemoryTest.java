package dev.loupe.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceMemoryTest {

    @ParameterizedTest
    @CsvSource({"DATASET, datasetService", "TRAINING, trainingService", "INFERENCE, inferenceService"})
    void sharesAreThoseOfTheChart(Server server, String key) throws Exception {
        String values = Files.readString(Path.of("../helm/loupe/values.yaml"));
        String service = values.substring(values.indexOf("\n" + key + ":\n"));
        ServiceMemory memory = ServiceMemory.of(server);

        assertEquals(percent(service, "heapPercent"), memory.heapPercent());
        assertEquals(percent(service, "directPercent"), memory.directPercent());
        if (memory.imagesPercent() > 0) {
            assertEquals(percent(service, "imagesPercent"), memory.imagesPercent());
        }
        if (memory.modelsPercent() > 0) {
            assertEquals(percent(service, "modelsPercent"), memory.modelsPercent());
        }
        assertTrue(
                memory.heapPercent() + memory.directPercent() + memory.imagesPercent() + memory.modelsPercent() <= 90,
                memory.toString());
    }

    private static int percent(String service, String name) {
        Matcher matcher =
                Pattern.compile("^ {4}" + name + ": (\\d+)$", Pattern.MULTILINE).matcher(service);
        assertTrue(matcher.find(), name);
        return Integer.parseInt(matcher.group(1));
    }

    @Test
    void sharesBecomeOptionsAndVariables() {
        ServiceMemory memory = new ServiceMemory(1000, 40, 10, 20, 15);

        assertEquals(List.of("-Xmx400m", "-XX:MaxDirectMemorySize=100m"), memory.options());
        assertEquals(
                Map.of("LOUPE_IMAGES_DECODER_MEMORY", "200M", "LOUPE_INFERENCE_LOADING_MEMORY", "150M"),
                memory.environment());
    }
}
