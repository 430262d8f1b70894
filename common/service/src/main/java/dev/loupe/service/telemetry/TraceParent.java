package dev.loupe.service.telemetry;

import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A place in a trace, as rows, events and environments of processes keep it: the text of a W3C {@code traceparent}. What
 * is done later, elsewhere, continues the trace from there.
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

    /** Where this thread is, null if it works for no trace. */
    public static String current() {
        return of(Context.current());
    }

    static String of(Context context) {
        Map<String, String> headers = new HashMap<>();
        W3C.inject(context, headers, Map::put);
        return headers.get(KEY);
    }

    /** From where the trace goes on; of no trace if the text is null, or is none. */
    public static Context context(String traceparent) {
        return W3C.extract(Context.root(), traceparent, GETTER);
    }
}
