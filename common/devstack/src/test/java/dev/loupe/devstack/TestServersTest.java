package dev.loupe.devstack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestServersTest {

    @Test
    void parsesReadyLine() {
        assertEquals(
                new TestServers(
                        "jdbc:postgresql://127.0.0.1:5432/", "127.0.0.1:9092", URI.create("http://127.0.0.1:9090")),
                TestServers.parse(
                        "devstack ready postgres=jdbc:postgresql://127.0.0.1:5432/postgres?currentSchema=public"
                                + " kafka=127.0.0.1:9092 s3=http://127.0.0.1:9090\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"yes", "postgres=jdbc:postgresql://127.0.0.1:5432/postgres kafka=127.0.0.1:9092", "kafka= s3="})
    void rejectsLineWithoutAllAddresses(String line) {
        assertThrows(IllegalArgumentException.class, () -> TestServers.parse(line));
    }
}
