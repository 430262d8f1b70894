package dev.loupe.trainer;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * What the process logs, line by line on its standard output: for people, or with {@code LOUPE_LOG_JSON=true} as the
 * services do, a JSON object a line; docs/reference/logs.md names the fields.
 */
final class LogLines extends Handler {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());
    /** Held here, else its level may be forgotten. */
    private static final Logger DJL = Logger.getLogger("ai.djl");

    /** Of the process: it makes one attempt, with many threads. */
    private static final Map<String, String> IDS = new ConcurrentHashMap<>();

    private LogLines(boolean json) {
        setFormatter(json ? new Json() : new Text());
    }

    /** All that is logged goes here from now on. */
    static void install(Map<String, String> environment) {
        LogLines lines = new LogLines(Boolean.parseBoolean(environment.get("LOUPE_LOG_JSON")));
        Logger root = Logger.getLogger("");
        for (Handler other : root.getHandlers()) {
            root.removeHandler(other);
        }
        root.addHandler(lines);
        DJL.setLevel(Level.WARNING);
    }

    /** Each line carries these from now on. */
    static void mark(Map<String, String> ids) {
        IDS.putAll(ids);
    }

    @Override
    public void publish(LogRecord entry) {
        if (isLoggable(entry)) {
            System.out.print(getFormatter().format(entry)); // where it goes by now: AttemptLog sends it to two places
        }
    }

    @Override
    public void flush() {
        System.out.flush();
    }

    @Override
    public void close() {
        flush();
    }

    private static final class Json extends Formatter {
        @Override
        public String format(LogRecord entry) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("timestamp", entry.getInstant().toString());
            line.put("logger", entry.getLoggerName());
            line.put("level", level(entry));
            line.put("message", formatMessage(entry));
            line.put("thread", Thread.currentThread().getName());
            line.put("mdc", new TreeMap<>(IDS));
            if (entry.getThrown() != null) {
                line.put("exception", stackTrace(entry.getThrown()));
            }
            line.put("service", "trainer");
            line.put("version", Provenance.version());
            try {
                return dev.loupe.trainer.Json.MAPPER.writeValueAsString(line) + "\n";
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e); // texts
            }
        }
    }

    private static final class Text extends Formatter {
        @Override
        public String format(LogRecord entry) {
            String line = TIME.format(entry.getInstant()) + " " + level(entry) + " " + formatMessage(entry) + "\n";
            return entry.getThrown() == null ? line : line + stackTrace(entry.getThrown());
        }
    }

    /** By the names that the services use. */
    private static String level(LogRecord entry) {
        int level = entry.getLevel().intValue();
        if (level >= Level.SEVERE.intValue()) {
            return "ERROR";
        }
        if (level >= Level.WARNING.intValue()) {
            return "WARN";
        }
        return level >= Level.INFO.intValue() ? "INFO" : "DEBUG";
    }

    private static String stackTrace(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
