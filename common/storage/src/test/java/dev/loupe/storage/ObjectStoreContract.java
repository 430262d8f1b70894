package dev.loupe.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Loupe asks of every object storage. Each server that is to be supported runs it. */
abstract class ObjectStoreContract {
    private final String prefix = "contract/" + UUID.randomUUID() + "/";

    @TempDir
    Path folder;

    /** The store under test; the bucket {@link #bucket()} may be missing. */
    abstract ObjectStore store();

    /** The same storage, with the right to make buckets. */
    ObjectStore owner() {
        return store();
    }

    String bucket() {
        return "loupe";
    }

    private ObjectLocation at(String name) {
        return new ObjectLocation(bucket(), prefix + name);
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @Test
    void createsABucketOnce() {
        owner().createBucket(bucket());
        owner().createBucket(bucket());
        owner().put(at("one"), bytes(3), "application/octet-stream");
        assertTrue(owner().find(at("one")).isPresent());
    }

    @Test
    void readsWhatWasWritten() throws IOException {
        byte[] content = bytes(100_000);
        store().put(at("whole.bin"), content, "application/octet-stream");

        assertArrayEquals(content, store().read(at("whole.bin")));
        assertArrayEquals(content, store().read(at("whole.bin"), Sha256.of(content)));
        try (InputStream in = store().open(at("whole.bin"))) {
            assertArrayEquals(content, in.readAllBytes());
        }
        assertEquals(100_000, store().find(at("whole.bin")).orElseThrow().size());
    }

    @Test
    void readsAPart() {
        byte[] content = bytes(100_000);
        store().put(at("parts.bin"), content, "application/octet-stream");

        assertArrayEquals(Arrays.copyOf(content, 10), store().read(at("parts.bin"), 0, 10));
        assertArrayEquals(Arrays.copyOfRange(content, 70_000, 70_001), store().read(at("parts.bin"), 70_000, 1));
        assertArrayEquals(Arrays.copyOfRange(content, 99_990, 100_000), store().read(at("parts.bin"), 99_990, 50));
        assertThrows(StorageException.NotFound.class, () -> store().read(at("absent"), 0, 10));
    }

    @Test
    void readsAFileThatWasUploadedInParts() throws IOException {
        byte[] content = bytes(20_000_000);
        Path file = Files.write(folder.resolve("large"), content);
        store().put(at("large.bin"), file, "application/octet-stream");

        Path copy = folder.resolve("deep/copy");
        store().download(at("large.bin"), Sha256.of(content), copy);

        assertEquals(Sha256.of(content), Sha256.of(copy));
    }

    @Test
    void replacesAnObjectWhole() {
        store().put(at("twice"), bytes(1000), "application/octet-stream");
        store().put(at("twice"), "short".getBytes(StandardCharsets.UTF_8), "text/plain");
        assertEquals("short", new String(store().read(at("twice")), StandardCharsets.UTF_8));
    }

    @Test
    void storesAnEmptyObject() {
        store().put(at("empty"), new byte[0], "application/octet-stream");
        assertEquals(0, store().read(at("empty")).length);
        assertEquals(0, store().find(at("empty")).orElseThrow().size());
    }

    @Test
    void anAbsentObjectIsNotFound() {
        assertTrue(store().find(at("absent")).isEmpty());
        assertThrows(StorageException.NotFound.class, () -> store().read(at("absent")));
        assertThrows(StorageException.NotFound.class, () -> store().open(at("absent")));
        assertThrows(StorageException.NotFound.class, () -> store().download(
                        at("absent"), Sha256.of(new byte[0]), folder.resolve("absent")));
        store().delete(at("absent"));
    }

    @Test
    void discardsBytesWithAnotherDigest() throws IOException {
        store().put(at("other"), bytes(50), "application/octet-stream");
        String expected = Sha256.of(bytes(51));

        assertThrows(StorageException.Corrupt.class, () -> store().read(at("other"), expected));
        assertThrows(StorageException.Corrupt.class, () -> store().verify(at("other"), expected));
        assertThrows(StorageException.NotFound.class, () -> store().verify(at("nothing"), expected));
        store().verify(at("other"), Sha256.of(bytes(50)));
        StorageException.Corrupt corrupt = assertThrows(
                StorageException.Corrupt.class, () -> store().download(at("other"), expected, folder.resolve("other")));

        assertTrue(corrupt.getMessage().contains(expected), corrupt.getMessage());
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void listsTheObjectsWithAPrefix() {
        for (String name : List.of("list/a", "list/b/c", "list/b/d", "listing")) {
            store().put(at(name), bytes(name.length()), "application/octet-stream");
        }
        List<String> keys = store().list(bucket(), prefix + "list/").stream()
                .map(object -> object.location().key().substring(prefix.length()))
                .sorted()
                .toList();
        assertEquals(List.of("list/a", "list/b/c", "list/b/d"), keys);
        assertEquals(List.of(), store().list(bucket(), prefix + "nothing/"));
    }

    @Test
    void aDeletedObjectIsNotFound() {
        store().put(at("gone"), bytes(5), "application/octet-stream");
        store().delete(at("gone"));
        assertFalse(store().find(at("gone")).isPresent());
    }

    @Test
    void acceptsAnyLetterInAKey() {
        String name = "ünï cödé/图 +%.png";
        store().put(at(name), bytes(7), "image/png");
        assertArrayEquals(bytes(7), store().read(at(name)));
    }
}
