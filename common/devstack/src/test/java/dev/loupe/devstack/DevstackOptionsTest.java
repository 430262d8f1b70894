package dev.loupe.devstack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DevstackOptionsTest {

    @Test
    void parsesFolderPartsAndPorts() {
        DevstackOptions options = DevstackOptions.parse(
                Credentials.CONSTANT,
                "--data",
                "here",
                "--parts",
                "kafka,S3",
                "--kafka-port",
                "9092",
                "--s3-port",
                "9000");

        assertEquals(new DevstackOptions(Path.of("here"), Set.of(Part.KAFKA, Part.S3), 0, 9092, 9000), options);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--parts redis|unknown part 'redis', expected one or more of postgres,kafka,s3",
                "--data|--data requires a value",
                "--s3-port many|--s3-port requires a number, got 'many'",
                "--kafka-port 70000|kafka port must be between 0 and 65535, got 70000",
                "--listen 0.0.0.0|listening on 0.0.0.0 requires a secret in the environment variable LOUPE_DEVSTACK_SECRET",
                "--colour red|unknown option '--colour'"
            })
    void rejectsInvalidArguments(String arguments, String expected) {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> DevstackOptions.parse(Credentials.CONSTANT, arguments.split(" ")));

        assertTrue(refused.getMessage().startsWith(expected), refused.getMessage());
    }

    @Test
    void readsPasswordsFromTheEnvironmentAndRejectsShortOnes() {
        Credentials credentials = Credentials.of(
                Map.of("LOUPE_DEVSTACK_SECRET", "123456789012", "LOUPE_DEVSTACK_PASSWORD_DATASET", "abcdefghijkl"));

        assertEquals(new Credentials("123456789012", "123456789012", Map.of("dataset", "abcdefghijkl")), credentials);
        assertFalse(credentials.toString().contains("abcdefghijkl"), credentials.toString());
        assertThrows(IllegalArgumentException.class, () -> Credentials.of(Map.of("LOUPE_DEVSTACK_SECRET", "short")));
        assertThrows(
                IllegalArgumentException.class,
                () -> Credentials.of(Map.of("LOUPE_DEVSTACK_PASSWORD_A-B", "abcdefghijkl")));
    }
}
