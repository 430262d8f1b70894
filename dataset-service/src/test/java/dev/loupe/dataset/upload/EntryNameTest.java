package dev.loupe.dataset.upload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.dataset.Zip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EntryNameTest {
    @TempDir
    Path folder;

    private String name(byte[] zip) throws IOException {
        Path file = Files.write(folder.resolve("a.zip"), zip);
        try (Archive archive = new Archive(file, new Archive.Limits(10, 10_000, 200))) {
            return EntryName.of(archive.files().getFirst());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "UTF-8, Größe/Prüfung-ä.png",
        "UTF-8, 日本/1.png",
        "IBM437, Größe/Prüfung-ä.png",
        "IBM850, Größe/Prüfung-ö.png",
        "IBM850, não/São-Ãõ.png",
        "US-ASCII, cat/1.png",
    })
    void namesWithoutTheUnicodeFlagAreRead(String charset, String name) throws IOException {
        assertEquals(name, name(Zip.encoded(charset).file(name, new byte[1]).bytes()));
    }

    @Test
    void theUnicodeExtraFieldComesFirst() throws IOException {
        assertEquals(
                "Łódź/日.png",
                name(Zip.withUnicodeFields().file("Łódź/日.png", new byte[1]).bytes()));
    }
}
