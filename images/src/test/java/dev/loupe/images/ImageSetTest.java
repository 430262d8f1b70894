package dev.loupe.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageSetTest {
    @Test
    void saysThatTheConsoleHasNoPages(@TempDir Path home) throws IOException {
        ImageSet images = ImageSet.ofTheChart(home, "offline");

        assertTrue(images.leftOut(List.of(LoupeImage.CLI, LoupeImage.CONSOLE)).isPresent());
        assertEquals(Optional.empty(), images.leftOut(List.of(LoupeImage.CLI)));

        Path pages = Files.createDirectories(home.resolve("console/webui/target/classes/META-INF/resources"));
        Files.createFile(pages.resolve("index.html"));
        assertEquals(Optional.empty(), images.leftOut(List.of(LoupeImage.CONSOLE)));
    }
}
