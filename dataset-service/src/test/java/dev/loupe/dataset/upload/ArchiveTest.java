package dev.loupe.dataset.upload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.dataset.Zip;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveTest {
    private static final int LIMIT = 16 << 20;

    @TempDir
    Path folder;

    private Archive open(byte[] zip, int maxEntries) throws IOException {
        return open(zip, maxEntries, 1 << 20);
    }

    private Archive open(byte[] zip, int maxEntries, long maxDirectory) throws IOException {
        return new Archive(
                Files.write(folder.resolve("a.zip"), zip), new Archive.Limits(maxEntries, maxDirectory, 200));
    }

    private static void assertRefused(ErrorCode code, Executable action) {
        assertEquals(code, assertThrows(ServiceException.class, action).code());
    }

    @Test
    void anArchiveCutAtAnyByteIsDamaged() throws IOException {
        byte[] zip = new Zip().file("a", new byte[40]).file("b", new byte[] {1}).bytes();
        for (int length = 0; length < zip.length; length++) {
            byte[] cut = Arrays.copyOf(zip, length);
            assertRefused(length < 2 ? ErrorCode.ARCHIVE_UNSUPPORTED : ErrorCode.ARCHIVE_DAMAGED, () -> open(cut, 10)
                    .close());
        }
    }

    @Test
    void moreEntriesThanAllowedAreCountedBeforeAnyIsRead() throws IOException {
        byte[] zip = new Zip()
                .file("a", new byte[1])
                .file("b", new byte[1])
                .file("c", new byte[1])
                .bytes();
        open(zip, 3).close();
        assertRefused(ErrorCode.ARCHIVE_TOO_LARGE, () -> open(zip, 2).close());
    }

    @Test
    void anArchiveOfMoreThan65535EntriesIsRead() throws IOException {
        Zip zip = new Zip();
        for (int i = 0; i < 66_000; i++) {
            zip.file(Integer.toString(i), new byte[0]);
        }
        try (Archive archive = open(zip.bytes(), 70_000, 16 << 20)) {
            assertEquals(66_000, archive.files().size());
        }
    }

    @Test
    void bytesOfTheDirectoryAreBoundedBeforeTheLibraryReadsThem() throws IOException {
        byte[] zip = new Zip()
                .file("a".repeat(60_000), new byte[1])
                .file("b".repeat(60_000), new byte[1])
                .bytes();
        open(zip, 10, 130_000).close();
        assertRefused(ErrorCode.ARCHIVE_TOO_LARGE, () -> open(zip, 10, 120_000).close());
    }

    @ParameterizedTest
    @CsvSource({"text about images, a text file", "%PDF-1.7, a PDF document", "Rar!, a RAR archive", "'', an empty file"
    })
    void namesWhatCameInsteadOfAnArchive(String content, String kind) {
        ServiceException refused =
                assertThrows(ServiceException.class, () -> open(content.getBytes(StandardCharsets.UTF_8), 10)
                        .close());
        assertEquals(ErrorCode.ARCHIVE_UNSUPPORTED, refused.code());
        assertTrue(refused.getMessage().contains(kind), refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {95, 93, 14, 99})
    void anUnsupportedMethodIsNamed(int method) throws IOException {
        byte[] zip = Zip.method(new Zip().file("a", new byte[40]).bytes(), "a", method);
        try (Archive archive = open(zip, 10)) {
            ServiceException refused = assertThrows(
                    ServiceException.class, () -> archive.read(archive.files().getFirst(), LIMIT));
            assertEquals(ErrorCode.ARCHIVE_ENTRY_REFUSED, refused.code());
            assertTrue(refused.getMessage().contains("compressed with"), refused.getMessage());
        }
    }

    @Test
    void anArchiveBehindOtherBytesIsRead() throws IOException {
        byte[] zip = new Zip().file("a", new byte[] {1, 2, 3}).bytes();
        byte[] shifted = new byte[zip.length + 100];
        System.arraycopy(zip, 0, shifted, 100, zip.length);
        try (Archive archive = open(shifted, 10)) {
            assertArrayEquals(new byte[] {1, 2, 3}, archive.read(archive.files().getFirst(), LIMIT));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {39, 41})
    void anEntryThatHasAnotherSizeThanItSaysIsRefused(int size) throws IOException {
        byte[] zip = Zip.size(new Zip().file("a", new byte[40]).bytes(), "a", size);
        try (Archive archive = open(zip, 10)) {
            assertRefused(
                    ErrorCode.ARCHIVE_ENTRY_REFUSED,
                    () -> archive.read(archive.files().getFirst(), LIMIT));
        }
    }

    @Test
    void anEntryThatUnpacksToFarMoreThanItsSizeIsRefusedAndTheNextOneIsRead() throws IOException {
        byte[] zip = new Zip()
                .file("bomb", new byte[12 << 20])
                .file("b", new byte[] {1})
                .bytes();
        try (Archive archive = open(zip, 10)) {
            assertRefused(
                    ErrorCode.ARCHIVE_ENTRY_REFUSED,
                    () -> archive.read(archive.files().getFirst(), LIMIT));
            assertArrayEquals(new byte[] {1}, archive.read(archive.files().get(1), LIMIT));
        }
    }

    @Test
    void manySmallBombsTogetherAreTooLarge() throws IOException {
        Zip zip = new Zip();
        for (int i = 0; i < 35; i++) {
            zip.file("bomb" + i, new byte[8 << 20]);
        }
        try (Archive archive = open(zip.bytes(), 100)) {
            assertRefused(ErrorCode.ARCHIVE_TOO_LARGE, () -> {
                for (ZipArchiveEntry entry : archive.files()) {
                    archive.read(entry, LIMIT);
                }
            });
        }
    }

    @Test
    void whatIsNoPlainWholeFileIsRefused() throws IOException {
        byte[] zip = new Zip()
                .file("link", new byte[] {1}, entry -> entry.setUnixMode(0120777))
                .file("pipe", new byte[] {1}, entry -> entry.setUnixMode(0010644))
                .file("secret", new byte[] {1})
                .file("bad", new byte[] {1})
                .file("large", new byte[2000])
                .bytes();
        Zip.encrypted(zip, "secret");
        Zip.damaged(zip, "bad");
        try (Archive archive = open(zip, 10)) {
            for (ZipArchiveEntry entry : archive.files()) {
                assertRefused(
                        entry.getName().equals("large") ? ErrorCode.IMAGE_TOO_LARGE : ErrorCode.ARCHIVE_ENTRY_REFUSED,
                        () -> archive.read(entry, 1999));
            }
        }
    }
}
