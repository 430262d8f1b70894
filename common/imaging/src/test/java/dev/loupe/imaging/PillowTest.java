package dev.loupe.imaging;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Compares decoded pixels of the generated files with those of Pillow and tifffile. */
class PillowTest {
    private static final int TOLERANCE = 2;

    @Test
    void agreesWithPillowAndTifffile(@TempDir Path folder) throws IOException, InterruptedException {
        String tools =
                System.getenv().getOrDefault("LOUPE_TOOLS", System.getProperty("user.home") + "/.cache/loupe-tools");
        Path python = Path.of(tools, "venv", "bin", "python");
        String missing = "skipped: no Python with Pillow at " + python;
        if (!Files.isExecutable(python)) {
            System.out.println(missing);
        }
        assumeTrue(Files.isExecutable(python), missing);
        Map<Path, ImageKind> files = new LinkedHashMap<>();
        for (ImageKind kind : ImageKinds.all()) {
            if (kind.refusal() == null) {
                Path file = folder.resolve(
                        "%03d.%s".formatted(files.size(), kind.format().toLowerCase(java.util.Locale.ROOT)));
                files.put(Files.write(file, kind.file()), kind);
            }
        }
        Process process = new ProcessBuilder(
                        python.toString(),
                        Path.of("src/test/python/read_images.py").toString(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        int[] compared = new int[1];
        assertAll(files.entrySet().stream().map(entry -> (Executable) () -> {
            Path rgb = Path.of(entry.getKey() + ".rgb");
            if (Files.exists(rgb)) {
                compare(entry.getValue(), Files.readAllBytes(rgb));
                compared[0]++;
            }
        }));
        System.out.println("Pillow and tifffile read " + compared[0] + " of " + files.size() + " files\n" + output);
        assertTrue(compared[0] >= 50, output);
    }

    private static void compare(ImageKind kind, byte[] rgb) {
        ByteBuffer theirs = ByteBuffer.wrap(rgb).order(ByteOrder.LITTLE_ENDIAN);
        Pixels ours = ImageDecoder.decode(kind.file());
        assertEquals(theirs.getInt(), ours.width(), kind + ": width");
        assertEquals(theirs.getInt(), ours.height(), kind + ": height");
        byte[] expected = new byte[theirs.remaining()];
        theirs.get(expected);
        int difference = ImageKindsTest.difference(expected, ours.rgb());
        assertTrue(difference <= TOLERANCE, kind + ": differs by " + difference);
    }
}
