package dev.loupe.trainer;

import java.net.http.HttpRequest;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The trace in which the run was asked for: a W3C {@code traceparent}. A trainer records no spans, it hands the trace on.
 *
 * @param traceId 32 hexadecimal digits, empty if there is no trace
 * @param spanId 16 hexadecimal digits, empty if there is no trace
 * @param flags two hexadecimal digits, empty if there is no trace
 */
record Trace(String traceId, String spanId, String flags) {
    static final Trace NONE = new Trace("", "", "");
    private static final String UNRECORDED = "00";
    private static final Pattern TRACEPARENT = Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})");

    /** @param traceparent null, or not one: none. A trace is no reason not to train */
    static Trace of(String traceparent) {
        Matcher parts = TRACEPARENT.matcher(traceparent == null ? "" : traceparent);
        return parts.matches() ? new Trace(parts.group(1), parts.group(2), parts.group(3)) : NONE;
    }

    /** The same trace, for requests that come every second: they are logged with its id, and make no spans of it. */
    Trace unrecorded() {
        return new Trace(traceId, spanId, UNRECORDED);
    }

    HttpRequest.Builder addTo(HttpRequest.Builder request) {
        return traceId.isEmpty()
                ? request
                : request.header("traceparent", "00-" + traceId + "-" + spanId + "-" + flags);
    }

    /** As log lines carry it. */
    Map<String, String> ids() {
        return traceId.isEmpty() ? Map.of() : Map.of("traceId", traceId, "spanId", spanId);
    }
}
