package dev.loupe.trainer;

import java.net.http.HttpRequest;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The trace of the request that submitted the run: a W3C {@code traceparent}. A trainer records no spans of its own; it
 * propagates the trace.
 *
 * @param traceId 32 hexadecimal digits, empty if there is no trace
 * @param spanId 16 hexadecimal digits, empty if there is no trace
 * @param flags two hexadecimal digits, empty if there is no trace
 */
record Trace(String traceId, String spanId, String flags) {
    static final Trace NONE = new Trace("", "", "");
    private static final String UNRECORDED = "00";
    private static final Pattern TRACEPARENT = Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})");

    /** @param traceparent value of the header. Null or invalid: no trace, since that must not prevent training */
    static Trace of(String traceparent) {
        Matcher parts = TRACEPARENT.matcher(traceparent == null ? "" : traceparent);
        return parts.matches() ? new Trace(parts.group(1), parts.group(2), parts.group(3)) : NONE;
    }

    /** The same trace, not sampled, for requests made every second: they are logged with its id and create no spans. */
    Trace unrecorded() {
        return new Trace(traceId, spanId, UNRECORDED);
    }

    HttpRequest.Builder addTo(HttpRequest.Builder request) {
        return traceId.isEmpty()
                ? request
                : request.header("traceparent", "00-" + traceId + "-" + spanId + "-" + flags);
    }

    /** The trace as fields of log lines. */
    Map<String, String> ids() {
        return traceId.isEmpty() ? Map.of() : Map.of("traceId", traceId, "spanId", spanId);
    }
}
