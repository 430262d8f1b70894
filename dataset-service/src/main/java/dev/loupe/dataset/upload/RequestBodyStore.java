package dev.loupe.dataset.upload;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import dev.loupe.storage.StorageException;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Receives request bodies into files, so that a slow client occupies a file and no memory. Bodies must arrive at a
 * minimum rate, and the total size of all files is limited, so that uploads cannot fill the volume. Thread-safe.
 */
@ApplicationScoped
class RequestBodyStore {
    private static final Logger LOG = Logger.getLogger(RequestBodyStore.class);
    private static final String SUFFIX = ".upload";
    private static final int BUFFER = 1 << 16;

    private final Path directory;
    private final Duration leftoverAge;
    private final long maxTotal;
    private final MinimumRate.Limits minimumRate;
    /** Total bytes of the existing files. */
    private final AtomicLong total = new AtomicLong();

    RequestBodyStore(UploadConfig config) {
        this.directory =
                config.directory().orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir"), "loupe-uploads"));
        this.leftoverAge = config.leftoverAge();
        this.maxTotal = config.maxSpoolSize().asLongValue();
        this.minimumRate =
                new MinimumRate.Limits(config.receiveTimeout(), config.minRate().asLongValue(), config.minRatePeriod());
    }

    /**
     * Reads the body of a request to its end.
     *
     * @param most maximum size of the body in bytes
     * @param tooLarge error code if it has more
     * @throws ServiceException as {@link #receive(InputStream, long, long, ErrorCode)}
     */
    BufferedBody receive(HttpServerRequest request, InputStream body, long most, ErrorCode tooLarge) {
        Requester requester = new Requester(request);
        return requester.receive(body, in -> receive(in, requester.announced(), most, tooLarge));
    }

    /**
     * Reads a body to its end.
     *
     * @param announced size of the body in bytes according to its header, negative if unknown
     * @param most maximum size of the body in bytes
     * @param tooLarge error code if it has more
     * @throws ServiceException {@code STORAGE_FULL} if the files of all uploads would exceed their limit; {@code
     *     REQUEST_TOO_SLOW} if it arrives too slowly
     */
    BufferedBody receive(InputStream body, long announced, long most, ErrorCode tooLarge) {
        if (announced > most) {
            throw tooLarge(most, tooLarge);
        }
        if (announced > maxTotal - total.get()) {
            throw full();
        }
        Path file = create();
        long size = 0;
        try (OutputStream out = Files.newOutputStream(file)) {
            MessageDigest digest = Sha256.digest();
            byte[] buffer = new byte[BUFFER];
            MinimumRate arriving = new MinimumRate(minimumRate);
            for (int n = read(body, buffer); n >= 0; n = read(body, buffer)) {
                if (size + n > most) {
                    throw tooLarge(most, tooLarge);
                }
                if (total.addAndGet(n) > maxTotal) {
                    total.addAndGet(-n);
                    throw full();
                }
                size += n;
                arriving.received(n);
                digest.update(buffer, 0, n);
                out.write(buffer, 0, n);
            }
            return new BufferedBody(file, size, HexFormat.of().formatHex(digest.digest()), total);
        } catch (IOException e) {
            remove(file, size);
            LOG.error("can't keep an upload in " + directory, e);
            throw new ServiceException(
                    ErrorCode.STORAGE_FULL, "the server has no room for the upload at the moment; retry later", e);
        } catch (RuntimeException e) {
            remove(file, size);
            throw e;
        }
    }

    /**
     * Copies a body from object storage to a file.
     *
     * @throws ServiceException {@code STORAGE_FULL} if the files of all uploads would exceed their limit
     * @throws StorageException if it cannot be read
     */
    BufferedBody fetch(ObjectStore store, ObjectLocation location, long size, String sha256) {
        if (total.addAndGet(size) > maxTotal) {
            total.addAndGet(-size);
            throw full();
        }
        Path file = null;
        try {
            file = create();
            store.download(location, sha256, file);
            return new BufferedBody(file, size, sha256, total);
        } catch (RuntimeException e) {
            total.addAndGet(-size);
            if (file != null) {
                delete(file);
            }
            throw e;
        }
    }

    /** Total bytes of all uploads that are being received or imported. */
    long total() {
        return total.get();
    }

    private Path create() {
        try {
            Files.createDirectories(directory);
            return Files.createTempFile(directory, "", SUFFIX);
        } catch (IOException e) {
            LOG.error("can't keep an upload in " + directory, e);
            throw new ServiceException(
                    ErrorCode.STORAGE_FULL, "the server has no room for the upload at the moment; retry later", e);
        }
    }

    private void remove(Path file, long size) {
        total.addAndGet(-size);
        delete(file);
    }

    private static int read(InputStream body, byte[] buffer) {
        try {
            return body.read(buffer);
        } catch (IOException e) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST, "the request's body ended early, or nothing of it came for too long", e);
        }
    }

    private static ServiceException tooLarge(long most, ErrorCode code) {
        return new ServiceException(code, "the request has more than " + most + " bytes");
    }

    private ServiceException full() {
        return new ServiceException(
                ErrorCode.STORAGE_FULL,
                "the uploads in progress leave too little of the " + maxTotal
                        + " bytes for the files of uploads; retry later");
    }

    /** The volume of a pod outlives its containers: files of a killed container still use space. */
    void onStart(@Observes StartupEvent start) {
        sweep(Duration.ZERO);
    }

    @Scheduled(every = "1h", delayed = "1h")
    @RunOnVirtualThread
    void sweepLeftovers() {
        sweep(leftoverAge);
    }

    /** Deletes files that were not written to for this long. */
    void sweep(Duration age) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        Instant limit = Instant.now().minus(age);
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> uploads =
                    files.filter(file -> file.toString().contains(SUFFIX)).toList();
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
            return false; // its request has just ended and deleted the file
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("could not remove " + file, e);
        }
    }
}
