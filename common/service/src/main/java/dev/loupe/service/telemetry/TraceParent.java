package dev.loupe.service.telemetry;

import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A position in a trace, stored in rows, events and environments of processes as the text of a W3C {@code traceparent}.
 * Later work in another thread or process continues the trace from there.
 */
public final class TraceParent {
    private static final String KEY = "traceparent";
    private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();
    private static final TextMapGetter<String> GETTER = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(String traceparent) {
            return List.of(KEY);
        }

        @Override
        public String get(String traceparent, String key) {
            return key.equals(KEY) ? traceparent : null;
        }
    };

    private TraceParent() {}

    /** The position of this thread, null if it has no trace. */
    public static String current() {
        return of(Context.current());
    }

    static String of(Context context) {
        Map<String, String> headers = new HashMap<>();
        W3C.inject(context, headers, Map::put);
        return headers.get(KEY);
    }

    /** The context to continue the trace from; without a trace if the text is null or invalid. */
    public static Context context(String traceparent) {
        return W3C.extract(Context.root(), traceparent, GETTER);
    }
}
