package dev.loupe.testing;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.ExtFormatter;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.formatters.PatternFormatter;

/** Captures the log of a Quarkus application under test while this is open. */
public final class CapturedLog extends Handler implements AutoCloseable {
    private static final ExtFormatter MESSAGE = new PatternFormatter("%s");

    private final List<Line> lines = new CopyOnWriteArrayList<>();

    /**
     * A log record.
     *
     * @param text formatted message
     * @param ids mapped diagnostic context: {@code traceId}, {@code runId} and the like
     */
    public record Line(String text, Map<String, String> ids) {}

    private CapturedLog() {}

    /** Starts capturing. */
    public static CapturedLog begin() {
        CapturedLog log = new CapturedLog();
        Logger.getLogger("").addHandler(log);
        return log;
    }

    /** Returns the captured records whose message contains this text. */
    public List<Line> lines(String text) {
        return lines.stream().filter(line -> line.text().contains(text)).toList();
    }

    @Override
    public void publish(LogRecord entry) {
        ExtLogRecord line = ExtLogRecord.wrap(entry);
        lines.add(new Line(MESSAGE.format(line), Map.copyOf(line.getMdcCopy())));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        Logger.getLogger("").removeHandler(this);
    }
}
