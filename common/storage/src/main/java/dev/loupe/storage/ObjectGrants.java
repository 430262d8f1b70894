package dev.loupe.storage;

import dev.loupe.storage.ObjectSigner.Access;
import java.net.URI;
import java.util.List;

/**
 * Grants a program without an account access to some objects; see {@link GrantedObjectStore}. Thread-safe. Calls block,
 * and throw {@link StorageException}; they throw {@link StorageException.Revoked} if the program must stop.
 */
public interface ObjectGrants {
    /** Returns a URL that is valid for at least a few minutes; may return the same URL several times. */
    URI address(Access access, ObjectLocation location);

    /** Reports that the server rejected the URL: the next one for this object must be new. */
    void refused(Access access, ObjectLocation location);

    /** Lists the objects with this key prefix, ordered by key. */
    List<StoredObject> list(String bucket, String prefix);

    /** Deletes an object. Does nothing if it does not exist. */
    void delete(ObjectLocation location);
}
