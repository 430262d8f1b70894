package dev.loupe.storage;

import dev.loupe.storage.ObjectSigner.Access;
import java.net.URI;
import java.util.List;

/**
 * Lets a program without an account use some objects; see {@link GrantedObjectStore}. Safe for use by many
 * threads. Calls block, and throw {@link StorageException}, {@link StorageException.Revoked} once the program is to do no
 * more.
 */
public interface ObjectGrants {
    /** An address that is good for the next minutes; may have been given out before. */
    URI address(Access access, ObjectLocation location);

    /** The address was refused by the server: the next one must be new. */
    void refused(Access access, ObjectLocation location);

    /** Objects whose key begins with the prefix, by key. */
    List<StoredObject> list(String bucket, String prefix);

    /** Removes an object; one that is not there is no error. */
    void delete(ObjectLocation location);
}
