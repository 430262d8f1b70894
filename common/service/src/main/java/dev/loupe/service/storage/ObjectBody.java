package dev.loupe.service.storage;

import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.InputStream;

/**
 * Sends objects as response bodies. An object is read twice: to verify it, then to send it. So it is held neither in
 * memory nor on disk, regardless of its size and of the client's speed.
 */
public final class ObjectBody {
    private ObjectBody() {}

    /**
     * Verifies an object.
     *
     * @param sha256 digest of its content, lower-case hexadecimal
     * @return the content of the object
     * @throws StorageException.NotFound if it does not exist
     * @throws StorageException.Corrupt if its content has another digest
     */
    public static StreamingOutput verified(ObjectStore store, ObjectLocation location, String sha256) {
        store.verify(location, sha256);
        return out -> {
            try (InputStream in = store.open(location)) {
                in.transferTo(out);
            }
        };
    }
}
