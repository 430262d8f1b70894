package dev.loupe.dataset.upload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Task;
import dev.loupe.dataset.Zip;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.dataset.upload.format.ArchiveFiles;
import dev.loupe.dataset.upload.format.ArchivePath;
import dev.loupe.dataset.upload.format.DetectedFormat;
import dev.loupe.dataset.upload.format.ImportFormats;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.testing.Fuzz;
import dev.loupe.testing.Mutation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.zip.Deflater;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives of all sorts, changed at random: each is read, or refused as one that is damaged, unsupported or too large. */
class ArchiveFuzzTest {
    private static final Archive.Limits LIMITS = new Archive.Limits(1_000, 1 << 20, 200);
    private static final long MAX_BYTES = 16 << 20;
    private static final Set<ErrorCode> REFUSALS = Set.of(
            ErrorCode.ARCHIVE_DAMAGED,
            ErrorCode.ARCHIVE_UNSUPPORTED,
            ErrorCode.ARCHIVE_LAYOUT_UNSUPPORTED,
            ErrorCode.ARCHIVE_TOO_LARGE,
            ErrorCode.ARCHIVE_ENTRY_REFUSED,
            ErrorCode.IMAGE_TOO_LARGE,
            ErrorCode.LABEL_INVALID,
            ErrorCode.SPLIT_INVALID);

    @TempDir
    Path folder;

    private int read;
    private int refused;

    @Test
    void mutatedArchivesAreReadOrRefused() {
        List<byte[]> seeds = seeds();
        int inputs = new Fuzz("archive", 1_000, 20_000)
                .run(random -> Mutation.of(seeds.get(random.nextInt(seeds.size())), random), this::take);
        assertEquals(inputs, read + refused);
        assertTrue(read > inputs / 20 && refused > inputs / 20, read + " were read, " + refused + " refused");
    }

    /** Names, sizes and methods that no program writes, in an archive that is whole. */
    @Test
    void generatedArchivesAreReadOrRefused() {
        int inputs = new Fuzz("archive-names", 800, 20_000).run(ArchiveFuzzTest::generated, this::take);
        assertEquals(inputs, read + refused);
    }

    private void take(byte[] zip) throws IOException {
        Path file = Files.write(folder.resolve("a.zip"), zip);
        try (Archive archive = new Archive(file, LIMITS)) {
            List<ArchivePath> paths = new ArrayList<>();
            for (ZipArchiveEntry entry : archive.files()) {
                entry(archive, entry, paths);
            }
            if (!paths.isEmpty()) {
                arrange(paths);
            }
            read++;
        } catch (ServiceException e) {
            assertRefusal(e);
            refused++;
        }
    }

    private static void entry(Archive archive, ZipArchiveEntry entry, List<ArchivePath> paths) {
        try {
            String name = EntryName.of(entry);
            if (!ArchivePath.isClutter(name)) {
                paths.add(ArchivePath.of(name));
            }
            assertTrue(archive.start(entry, 16).length <= 16);
            assertTrue(archive.read(entry, MAX_BYTES).length <= MAX_BYTES);
        } catch (ServiceException e) {
            assertRefusal(e);
            if (e.code() == ErrorCode.ARCHIVE_TOO_LARGE) {
                throw e;
            }
        }
    }

    private static void arrange(List<ArchivePath> paths) {
        for (Task task : Task.values()) {
            DetectedFormat format = ImportFormats.detect(task, Annotation.NONE, ArchiveFiles.ofImages(paths));
            for (ArchivePath path : paths) {
                try {
                    format.place(path);
                } catch (ServiceException e) {
                    assertRefusal(e);
                }
            }
        }
    }

    private static void assertRefusal(ServiceException e) {
        assertTrue(REFUSALS.contains(e.code()), () -> e.code() + ": " + e.getMessage());
    }

    private static List<byte[]> seeds() {
        byte[] image = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 0};
        return List.of(
                new Zip().file("cat/1.png", image).file("dog/1.png", image).bytes(),
                new Zip()
                        .file("parts/train/good/1.png", image)
                        .file("parts/test/good/2.png", image)
                        .file("parts/test/scratch/3.png", image)
                        .file("parts/ground_truth/scratch/3_mask.png", image)
                        .bytes(),
                new Zip()
                        .file("a", new byte[4_000])
                        .file("b", image, entry -> entry.setMethod(ZipArchiveEntry.DEFLATED))
                        .bytes(),
                Zip.withUnicodeFields().file("Größe/ü.png", image).bytes(),
                Zip.encoded("IBM850").file("Prüfung-ä.png", image).bytes(),
                deflated(new byte[100_000]));
    }

    private static byte[] deflated(byte[] content) {
        Deflater deflater = new Deflater(9);
        deflater.setInput(content);
        deflater.finish();
        byte[] packed = new byte[content.length];
        int length = deflater.deflate(packed);
        return new Zip()
                .file("blank.bmp", content)
                .file("packed.bin", Arrays.copyOf(packed, length))
                .bytes();
    }

    private static byte[] generated(RandomGenerator random) {
        Zip zip = new Zip();
        String[] parts = {
            "train",
            "test",
            "val",
            "good",
            "..",
            ".",
            "",
            "cat",
            "ground_truth",
            "\\",
            "C:",
            "~",
            "\u202e",
            "ü",
            "u\u0308",
            "__MACOSX",
            ".DS_Store",
            "a".repeat(300),
            "\0",
            "con",
            "1.png",
            "1.PNG",
            "x.zip",
            "LICENSE",
            "normal",
            "\uD800"
        };
        for (int entries = random.nextInt(8); entries >= 0; entries--) {
            StringBuilder name = new StringBuilder();
            for (int depth = random.nextInt(5); depth >= 0; depth--) {
                name.append(parts[random.nextInt(parts.length)]).append(depth == 0 ? "" : "/");
            }
            byte[] content = new byte[random.nextInt(64)];
            random.nextBytes(content);
            int mode = random.nextInt(4) == 0 ? random.nextInt(0x10000) : 0;
            zip.file(name.toString(), content, entry -> {
                if (mode != 0) {
                    entry.setUnixMode(mode);
                }
            });
        }
        return zip.bytes();
    }
}
