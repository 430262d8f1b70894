package dev.loupe.service.error;

import dev.loupe.storage.StorageException;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * What a client learns of a failure, over any protocol: never a stack trace or a class name. The log has what operators
 * need in addition.
 *
 * @param detail message for people
 * @param members further details for machines
 */
record ErrorReport(ErrorCode code, String detail, Map<String, Object> members) {
    private static final Logger LOG = Logger.getLogger("dev.loupe.service.error");
    /** SQLSTATE of a text with a NUL, the only character of Java strings that PostgreSQL does not support. */
    private static final String INVALID_CHARACTER = "22021";

    ErrorReport(ErrorCode code, String detail) {
        this(code, detail, Map.of());
    }

    static ErrorReport of(Throwable e) {
        if (e instanceof ServiceException known) {
            if (known.code().category() == Category.INTERNAL) {
                LOG.error(e.getMessage(), e);
            }
            return new ErrorReport(known.code(), e.getMessage(), known.members());
        }
        if (DiskFull.isCauseOf(e)) {
            LOG.error("no disk space left", e);
            return new ErrorReport(ErrorCode.STORAGE_FULL, DiskFull.MESSAGE);
        }
        if (e instanceof StorageException) {
            LOG.error(e.getMessage(), e);
            return new ErrorReport(
                    ErrorCode.STORAGE_UNAVAILABLE,
                    e instanceof StorageException.Corrupt
                            ? "the stored object is damaged: its sha256 is not the recorded one"
                            : "object storage is unavailable; retry later");
        }
        Optional<String> sqlState = SqlState.of(e);
        if (sqlState.filter(ErrorReport::isUnavailable).isPresent()) {
            LOG.warn("database: " + e.getMessage());
            return new ErrorReport(ErrorCode.DATABASE_UNAVAILABLE, "the database is unavailable; retry later");
        }
        if (sqlState.filter(INVALID_CHARACTER::equals).isPresent()) {
            return new ErrorReport(ErrorCode.INVALID_REQUEST, "expected text without the character U+0000");
        }
        LOG.error("internal error", e);
        return new ErrorReport(ErrorCode.INTERNAL, "internal error; see the server log" + trace());
    }

    /** SQLSTATE classes 08 (connection), 53 (resources), 57 (operator); none if the pool has no free connection. */
    private static boolean isUnavailable(String sqlState) {
        return sqlState.isEmpty()
                || sqlState.startsWith("08")
                || sqlState.startsWith("53")
                || sqlState.startsWith("57");
    }

    private static String trace() {
        SpanContext span = Span.current().getSpanContext();
        return span.isValid() ? ", trace " + span.getTraceId() : "";
    }
}
