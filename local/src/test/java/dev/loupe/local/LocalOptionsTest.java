package dev.loupe.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.cli.command.Loupe;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalOptionsTest {
    @TempDir
    private Path data;

    @ParameterizedTest
    @ValueSource(strings = {"up --dataset-port=99999", "up --grpc-port -1", "demo --s3-port=70000"})
    void refusesPortOutOfRange(String line) {
        List<String> arguments = new ArrayList<>(List.of(line.split(" ")));
        arguments.addAll(List.of("--data", data.toString()));
        PrintStream err = System.err;
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        System.setProperty("loupe.home", data.toString());
        try {
            assertEquals(2, Loupe.run(arguments.toArray(String[]::new)));
        } finally {
            System.clearProperty("loupe.home");
            System.setErr(err);
        }
        String printed = errors.toString(StandardCharsets.UTF_8);
        assertTrue(printed.contains("-port: expected a port from 1 to 65535"), printed);
        assertEquals(1, printed.lines().count(), printed);
    }
}
