package dev.loupe.dataset.upload;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** Receives request bodies into files: a slow client then holds a file and no memory. */
@ApplicationScoped
class Spools {
    private static final Logger LOG = Logger.getLogger(Spools.class);
    private static final String SUFFIX = ".upload";

    private final Path directory;
    private final Duration leftoverAge;

    Spools(UploadConfig config) {
        this.directory =
                config.directory().orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir"), "loupe-uploads"));
        this.leftoverAge = config.leftoverAge();
    }

    /**
     * Reads a body to its end.
     *
     * @param most bytes that it may have
     * @param tooLarge the error if it has more
     */
    Spool receive(InputStream body, long most, ErrorCode tooLarge) {
        Path file = create();
        try (OutputStream out = Files.newOutputStream(file)) {
            MessageDigest digest = sha256();
            byte[] buffer = new byte[1 << 16];
            long size = 0;
            for (int n = read(body, buffer); n >= 0; n = read(body, buffer)) {
                size += n;
                if (size > most) {
                    throw new ServiceException(tooLarge, "the request has more than " + most + " bytes");
                }
                digest.update(buffer, 0, n);
                out.write(buffer, 0, n);
            }
            return new Spool(file, size, HexFormat.of().formatHex(digest.digest()));
        } catch (IOException e) {
            delete(file);
            throw full(e);
        } catch (RuntimeException e) {
            delete(file);
            throw e;
        }
    }

    private Path create() {
        try {
            Files.createDirectories(directory);
            return Files.createTempFile(directory, "", SUFFIX);
        } catch (IOException e) {
            throw full(e);
        }
    }

    private static int read(InputStream body, byte[] buffer) {
        try {
            return body.read(buffer);
        } catch (IOException e) {
            throw new ServiceException(ErrorCode.INVALID_REQUEST, "the request's body ended early", e);
        }
    }

    private ServiceException full(IOException e) {
        LOG.error("can't keep an upload in " + directory, e);
        return new ServiceException(
                ErrorCode.STORAGE_FULL, "the server has no room for the upload at the moment; try again later", e);
    }

    @Scheduled(every = "1h", delayed = "10s")
    @RunOnVirtualThread
    void sweepLeftovers() {
        sweep(leftoverAge);
    }

    /** Removes files that nobody has written to for this long. */
    void sweep(Duration age) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        Instant limit = Instant.now().minus(age);
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> uploads =
                    files.filter(file -> file.toString().endsWith(SUFFIX)).toList();
            for (Path file : uploads) {
                if (isOlder(file, limit)) {
                    LOG.infof("removed %s, left behind by an earlier process", file);
                    delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOlder(Path file, Instant limit) throws IOException {
        try {
            return Files.getLastModifiedTime(file).toInstant().isBefore(limit);
        } catch (NoSuchFileException _) {
            return false; // its request has just ended
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("could not remove " + file, e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }
}
