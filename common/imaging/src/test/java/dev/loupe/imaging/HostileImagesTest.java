package dev.loupe.imaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Decodes files that need excessive memory, in a process with a small heap. */
class HostileImagesTest {
    @Test
    void processWithSmallHeapSurvivesAllFiles() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx96m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+ExitOnOutOfMemoryError",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        HostileImages.class.getName())
                .redirectErrorStream(true)
                .start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        String all = String.join("\n", lines);
        assertEquals(0, process.waitFor(), all);
        assertOutcome(lines, "WebP whose chunk declares 1 GiB", "DamagedImageException");
        assertOutcome(lines, "PNG with text that inflates to 300 MB", "8 x 8");
        assertOutcome(lines, "RGBA PNG of 7000 x 7000", "7000 x 7000");
        assertOutcome(lines, "RGB PNG of 8000 x 8000, twice", "8000 x 8000", "8000 x 8000");
        assertOutcome(lines, "JPEG of 9344 x 7000, three times", "9344 x 7000", "9344 x 7000", "9344 x 7000");
        assertOutcome(lines, "TIFF of 100 x 100 with a tile of 16384 x 16384", "ImageTooLargeException");
        assertOutcome(lines, "TIFF of 25 megapixels of 64-bit floats", "UnsupportedImageException");
        assertOutcome(lines, "progressive JPEG with 1,500 scans", "ImageTooLargeException");
        long peak = Long.parseLong(lines.stream()
                .filter(line -> line.startsWith("peak="))
                .findFirst()
                .orElseThrow()
                .substring(5));
        // The heap, the 400 MiB for decoding, and the JVM with OpenCV's libraries.
        assertTrue(peak < 96 + 400 + 300, "the process had " + peak + " MiB\n" + all);
    }

    private static void assertOutcome(List<String> lines, String what, String... outcomes) {
        assertEquals(
                List.of(outcomes),
                lines.stream()
                        .filter(line -> line.startsWith(what + ": "))
                        .map(line -> line.substring(what.length() + 2))
                        .map(outcome -> outcome.contains(": ") ? outcome.substring(0, outcome.indexOf(": ")) : outcome)
                        .toList(),
                () -> Stream.concat(Stream.of(what), lines.stream()).toList().toString());
    }
}
