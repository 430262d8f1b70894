package dev.loupe.service.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TelemetryConfigTest {
    private static final String RATIO = "loupe.telemetry.sample-ratio";

    @Test
    void readsASampleRatio() {
        assertEquals(0.25, read("0.25").sampleRatio().value());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0.1", "1.01", "NaN", "half"})
    void refusesAnInvalidSampleRatioAndNamesItsKey(String text) {
        RuntimeException refused = assertThrows(RuntimeException.class, () -> read(text));

        assertTrue(refused.getMessage().contains(RATIO), refused.getMessage());
        assertTrue(refused.getMessage().contains(text), refused.getMessage());
    }

    private static TelemetryConfig read(String ratio) {
        return new SmallRyeConfigBuilder()
                .withMapping(TelemetryConfig.class)
                .withSources(new PropertiesConfigSource(Map.of(RATIO, ratio), "test", 100))
                .build()
                .getConfigMapping(TelemetryConfig.class);
    }
}
