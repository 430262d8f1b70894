package dev.loupe.storage;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Object storage, limited to what every S3 server supports: no tags, locks, policies, notifications or server-side
 * composition. Thread-safe. Calls block. They retry a few times, with jitter, if a retry may succeed, and then throw
 * {@link StorageException}.
 */
public interface ObjectStore extends AutoCloseable {

    /** Creates the bucket unless it exists. */
    void createBucket(String bucket);

    /** Writes the bytes, replacing an existing object. Readers see the whole object or none. */
    void put(ObjectLocation location, byte[] content, String contentType);

    /** Writes a file, replacing an existing object. Readers see the whole object or none. */
    void put(ObjectLocation location, Path file, String contentType);

    /**
     * Opens an object; the caller must close the stream. Throws {@link StorageException.NotFound} if it does not exist.
     */
    InputStream open(ObjectLocation location);

    /** Reads all bytes of a small object. Throws {@link StorageException.NotFound} if it does not exist. */
    byte[] read(ObjectLocation location);

    /**
     * Reads a part of an object. Throws {@link StorageException.NotFound} if it does not exist.
     *
     * @param offset position of the first byte, which must exist
     * @param length number of bytes, at least 1
     * @return the bytes, fewer if the object ends before
     */
    byte[] read(ObjectLocation location, long offset, int length);

    /**
     * Reads all bytes of a small object whose digest is known.
     *
     * @param sha256 lower-case hexadecimal
     * @throws StorageException.Corrupt if the bytes have another digest, even after one retry
     */
    byte[] read(ObjectLocation location, String sha256);

    /**
     * Downloads an object to a file atomically: to a temporary file beside it, which is verified and then moved.
     *
     * @param sha256 lower-case hexadecimal
     * @throws StorageException.Corrupt if the bytes have another digest, even after one retry
     */
    void download(ObjectLocation location, String sha256, Path file);

    /**
     * Reads a whole object and verifies its digest, without storing the bytes.
     *
     * @param sha256 lower-case hexadecimal
     * @throws StorageException.NotFound if it does not exist
     * @throws StorageException.Corrupt if the bytes have another digest, even after one retry
     */
    void verify(ObjectLocation location, String sha256);

    /** Returns the properties of an object, empty if it does not exist. */
    Optional<StoredObject> find(ObjectLocation location);

    /** Lists the objects with this key prefix, ordered by key. */
    List<StoredObject> list(String bucket, String prefix);

    /** Deletes an object. Does nothing if it does not exist. */
    void delete(ObjectLocation location);

    @Override
    void close();
}
