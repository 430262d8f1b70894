package dev.loupe.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Verifies bytes from storage against the expected digest. */
final class DigestVerification {
    private DigestVerification() {}

    static byte[] bytes(ObjectLocation location, String sha256, InputStream in) throws IOException {
        byte[] content = in.readAllBytes();
        require(location, sha256, Sha256.of(content));
        return content;
    }

    static void stream(ObjectLocation location, String sha256, InputStream in) throws IOException {
        require(location, sha256, Sha256.copy(in, OutputStream.nullOutputStream()));
    }

    /** Writes the file atomically, and only if the bytes have the expected digest. */
    static void file(ObjectLocation location, String sha256, InputStream in, Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Path part = Files.createTempFile(file.toAbsolutePath().getParent(), file.getFileName() + ".", ".part");
        try {
            String actual;
            try (OutputStream out = Files.newOutputStream(part)) {
                actual = Sha256.copy(in, out);
            }
            require(location, sha256, actual);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static void require(ObjectLocation location, String expected, String actual) {
        if (!actual.equals(expected)) {
            throw new StorageException.Corrupt(location, expected, actual);
        }
    }
}
