package dev.loupe.trainer;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import org.jboss.logmanager.ExtFormatter;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.LogContext;
import org.jboss.logmanager.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;

/**
 * Writes the log of the process to standard output, one record per line: as text, or with {@code LOUPE_LOG_JSON=true}
 * as one JSON object per line, as the services do. docs/reference/logs.md lists the fields.
 */
final class LogLines extends ExtHandler {
    /** Process-wide: the process makes one attempt, with many threads. */
    private static final Map<String, String> IDS = new ConcurrentHashMap<>();
    /** A strong reference: without it the logger may be garbage-collected and lose its level. */
    private static final Logger DJL = LogContext.getLogContext().getLogger("ai.djl");

    private LogLines(Formatter formatter) {
        super();
        setFormatter(formatter);
    }

    /** Makes this the handler of all log records. */
    static void install(Map<String, String> environment) {
        boolean json = Boolean.parseBoolean(environment.get("LOUPE_LOG_JSON"));
        Logger root = LogContext.getLogContext().getLogger("");
        root.setLevel(Level.INFO);
        root.setHandlers(
                new Handler[] {new LogLines(json ? new JsonLine() : new PatternFormatter("%d{HH:mm:ss} %p %s%n%e"))});
        DJL.setLevel(Level.WARN);
    }

    /** Adds these fields to all further lines. */
    static void mark(Map<String, String> ids) {
        IDS.putAll(ids);
    }

    @Override
    protected void doPublish(ExtLogRecord entry) {
        System.out.print(getFormatter().format(entry)); // the current System.out, which AttemptLog may have redirected
    }

    private static final class JsonLine extends ExtFormatter {
        @Override
        public String format(ExtLogRecord entry) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("timestamp", entry.getInstant().toString());
            line.put("logger", entry.getLoggerName());
            line.put("level", entry.getLevel().getName());
            line.put("message", formatMessage(entry));
            line.put("thread", entry.getThreadName());
            line.put("mdc", new TreeMap<>(IDS));
            if (entry.getThrown() != null) {
                StringWriter trace = new StringWriter();
                entry.getThrown().printStackTrace(new PrintWriter(trace));
                line.put("exception", trace.toString());
            }
            line.put("service", "trainer");
            line.put("version", Provenance.version());
            try {
                return Json.MAPPER.writeValueAsString(line) + "\n";
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e); // strings always serialize
            }
        }
    }
}
