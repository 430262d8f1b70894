package dev.loupe.storage;

import java.util.List;

/** Object storage did not do what was asked, after the retries that make sense. */
public class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StorageException(String message, Throwable cause) {
        super(message, cause);
    }

    public StorageException(String message) {
        super(message);
    }

    /** There is no such object. */
    public static final class NotFound extends StorageException {
        private static final long serialVersionUID = 1L;

        public NotFound(ObjectLocation location) {
            super("no object at " + location);
        }
    }

    /** This program may use its objects no longer: what it was started for is over. */
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
         * Servers say it with a status (507), a code of their own (MinIO) or the message of their file system (S3Proxy).
         *
         * @param answer what the server said about its refusal
         */
        static boolean isToldBy(int status, String answer) {
            return status == INSUFFICIENT_STORAGE || WORDS.stream().anyMatch(answer::contains);
        }
    }

    /** The bytes that came are not the bytes that were asked for; nothing of them was kept. */
    public static final class Corrupt extends StorageException {
        private static final long serialVersionUID = 1L;

        public Corrupt(ObjectLocation location, String expected, String actual) {
            super("object at " + location + ": expected sha256 " + expected + ", got " + actual);
        }
    }
}
