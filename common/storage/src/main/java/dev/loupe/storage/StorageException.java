package dev.loupe.storage;

import java.util.List;

/** An operation of object storage failed, after retries where these could help. */
public class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StorageException(String message, Throwable cause) {
        super(message, cause);
    }

    public StorageException(String message) {
        super(message);
    }

    /** The object does not exist. */
    public static final class NotFound extends StorageException {
        private static final long serialVersionUID = 1L;

        public NotFound(ObjectLocation location) {
            super("no object at " + location);
        }
    }

    /** This program may no longer access its objects: the attempt that it works for is over. */
    public static final class Revoked extends StorageException {
        private static final long serialVersionUID = 1L;

        public Revoked(String message) {
            super(message);
        }
    }

    /** Object storage has no space left. */
    public static final class Full extends StorageException {
        private static final long serialVersionUID = 1L;
        private static final int INSUFFICIENT_STORAGE = 507;
        private static final List<String> WORDS = List.of("StorageFull", "QuotaExceeded", "No space left on device");

        public Full(String message, Throwable cause) {
            super(message, cause);
        }

        /**
         * Whether a response means that the storage is full. Servers express it by a status (507), a code (MinIO) or
         * the message of their file system (S3Proxy).
         *
         * @param answer error code and message of the response
         */
        static boolean isFullResponse(int status, String answer) {
            return status == INSUFFICIENT_STORAGE || WORDS.stream().anyMatch(answer::contains);
        }
    }

    /** The received bytes do not have the expected digest; they were discarded. */
    public static final class Corrupt extends StorageException {
        private static final long serialVersionUID = 1L;

        public Corrupt(ObjectLocation location, String expected, String actual) {
            super("object at " + location + ": expected sha256 " + expected + ", got " + actual);
        }
    }
}
