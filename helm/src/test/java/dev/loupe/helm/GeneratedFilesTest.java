package dev.loupe.helm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GeneratedFilesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** With {@code -Dloupe.write=true}, the test writes the files first. */
    @Test
    void generatedFilesAreUpToDate() throws IOException {
        GeneratedFiles files = new GeneratedFiles(ROOT);
        if (Boolean.getBoolean("loupe.write")) {
            files.write();
        }

        for (Map.Entry<Path, String> file : files.contents().entrySet()) {
            assertEquals(
                    file.getValue(),
                    Files.readString(file.getKey()),
                    ROOT.relativize(file.getKey()) + " is not up to date; see helm/README.md");
        }
    }
}
