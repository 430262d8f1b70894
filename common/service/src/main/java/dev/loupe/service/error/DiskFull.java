package dev.loupe.service.error;

import dev.loupe.storage.StorageException;
import java.io.IOException;
import java.sql.SQLException;

/** Recognizes a full disk of this process, of the database or of object storage among other failures. */
public final class DiskFull {
    /** Message for clients of every protocol, with {@link ErrorCode#STORAGE_FULL}. */
    public static final String MESSAGE = "the server has no disk space left; retry after its operator has freed some";

    /** SQLSTATE of PostgreSQL: disk_full. */
    private static final String SQLSTATE = "53100";

    private DiskFull() {}

    public static boolean isCauseOf(Throwable e) {
        return SqlState.causes(e)
                .anyMatch(cause -> cause instanceof StorageException.Full
                        || cause instanceof SQLException sql && SQLSTATE.equals(sql.getSQLState())
                        || cause instanceof IOException && isNoSpaceMessage(cause.getMessage()));
    }

    /** Recognizes the messages of ENOSPC and EDQUOT, for which the JDK has no separate exceptions. */
    private static boolean isNoSpaceMessage(String message) {
        return message != null
                && (message.contains("No space left on device") || message.contains("Disk quota exceeded"));
    }
}
