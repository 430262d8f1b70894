package dev.loupe.service.storage;

import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.InputStream;

/**
 * Objects as bodies of responses. An object is read twice: to verify it, then to send it. So it is held neither in memory
 * nor on disk, however large it is and however slowly a client takes it.
 */
public final class ObjectBody {
    private ObjectBody() {}

    /**
     * Verifies an object.
     *
     * @param sha256 of its content, lower-case hexadecimal
     * @return its content
     * @throws StorageException.NotFound if there is none
     * @throws StorageException.Corrupt if it has another content
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
