package dev.loupe.storage;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Object storage, within what every S3 server does: no tags, locks, policies, notifications or server-side composition.
 * Safe for use by many threads. Calls block; they try again a few times, with jitter, where that can help, and then
 * throw {@link StorageException}.
 */
public interface ObjectStore extends AutoCloseable {

    /** Makes the bucket unless it is there. */
    void createBucket(String bucket);

    /** Writes the bytes; an object that is there is replaced. Readers see all of it or nothing. */
    void put(ObjectLocation location, byte[] content, String contentType);

    /** Writes a file; an object that is there is replaced. Readers see all of it or nothing. */
    void put(ObjectLocation location, Path file, String contentType);

    /** Opens an object; the caller closes the stream. {@link StorageException.NotFound} if there is none. */
    InputStream open(ObjectLocation location);

    /** All bytes of a small object. {@link StorageException.NotFound} if there is none. */
    byte[] read(ObjectLocation location);

    /**
     * All bytes of a small object whose digest is known.
     *
     * @param sha256 lower-case hexadecimal
     * @throws StorageException.Corrupt if the bytes have another digest, after one more try
     */
    byte[] read(ObjectLocation location, String sha256);

    /**
     * Writes an object to a file, whole or not at all: it is downloaded beside the file, checked, then moved.
     *
     * @param sha256 lower-case hexadecimal
     * @throws StorageException.Corrupt if the bytes have another digest, after one more try
     */
    void download(ObjectLocation location, String sha256, Path file);

    /**
     * Reads an object to its end and keeps nothing of it.
     *
     * @param sha256 lower-case hexadecimal
     * @throws StorageException.NotFound if there is none
     * @throws StorageException.Corrupt if the bytes have another digest, after one more try
     */
    void verify(ObjectLocation location, String sha256);

    /** What is known of an object, empty if there is none. */
    Optional<StoredObject> find(ObjectLocation location);

    /** Objects whose key begins with the prefix, by key. */
    List<StoredObject> list(String bucket, String prefix);

    /** Removes an object; one that is not there is no error. */
    void delete(ObjectLocation location);

    @Override
    void close();
}
