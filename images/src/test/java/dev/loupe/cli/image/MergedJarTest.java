package dev.loupe.cli.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergedJarTest {
    private static final String RELEASES = "Manifest-Version: 1.0\r\nMulti-Release: true\r\n\r\n";
    private static final String ONE_RELEASE = "Manifest-Version: 1.0\r\n\r\n";

    @TempDir
    private Path folder;

    @Test
    void programsFindWhatTheyWouldFindInTheJars() throws IOException {
        Path first = jar(
                "first.jar",
                Map.of(
                        "META-INF/MANIFEST.MF", RELEASES,
                        "META-INF/versions/21/a/Text", "newer",
                        "META-INF/LICENSE", "of the first",
                        "META-INF/services/a.Service", "a.One", // no end of line
                        "META-INF/SIGNED.SF", "a signature",
                        "module-info.class", "a module",
                        "a/Text", "older",
                        "a/same", "same",
                        "win/x.dll", "of another machine"));
        Path second = jar(
                "second.jar",
                Map.of(
                        "META-INF/MANIFEST.MF", ONE_RELEASE,
                        "META-INF/versions/21/b/Text", "not a version: its jar has but one",
                        "META-INF/LICENSE", "of the second",
                        "META-INF/services/a.Service", "b.Two\n",
                        "b/Text", "b",
                        "a/Text", "hidden",
                        "a/same", "same"));

        Path merged = MergedJar.of(List.of(first, second), folder.resolve("made/merged.jar"));

        try (JarFile jar = new JarFile(merged.toFile(), true, JarFile.OPEN_READ, Runtime.version())) {
            assertTrue(jar.isMultiRelease());
            assertEquals("newer", text(jar, "a/Text"));
            assertEquals("b", text(jar, "b/Text"));
            assertEquals("same", text(jar, "a/same"));
            assertEquals(
                    List.of("a.One", "b.Two"),
                    text(jar, "META-INF/services/a.Service")
                            .lines()
                            .filter(line -> !line.isBlank())
                            .toList());
            assertEquals("of the first", text(jar, "META-INF/LICENSE"));
            assertEquals("of the second", text(jar, "META-INF/second.jar/META-INF/LICENSE"));
            assertEquals("hidden", text(jar, "META-INF/second.jar/a/Text"));
            for (String left : List.of("META-INF/SIGNED.SF", "module-info.class", "win/x.dll")) {
                assertNull(jar.getEntry(left), left);
            }
        }
        Path again = MergedJar.of(List.of(first, second), folder.resolve("again.jar"));
        assertArrayEquals(Files.readAllBytes(merged), Files.readAllBytes(again));
    }

    private Path jar(String name, Map<String, String> entries) throws IOException {
        Path file = folder.resolve(name);
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, String> entry : new TreeMap<>(entries).entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
        return file;
    }

    private static String text(JarFile jar, String name) throws IOException {
        return new String(jar.getInputStream(jar.getEntry(name)).readAllBytes(), StandardCharsets.UTF_8);
    }
}
