package dev.loupe.service.telemetry;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.util.HashMap;
import java.util.Map;
import org.jboss.logging.MDC;

/**
 * The context of this thread's work until the scope is closed: the trace that it continues, and the ids in its log
 * lines. Scopes nest; the thread that opened a scope must close it.
 */
public final class WorkScope implements AutoCloseable {
    /** Id of a training run. */
    public static final String RUN = "runId";
    /** Number of an attempt of the run. */
    public static final String ATTEMPT = "attempt";
    /** Name of a project. */
    public static final String PROJECT = "project";

    private final Scope trace;
    private final Map<String, Object> before = new HashMap<>();

    private WorkScope(Context context, Map<String, String> ids) {
        trace = context.makeCurrent();
        ids.forEach((key, id) -> {
            before.put(key, MDC.get(key));
            MDC.put(key, id);
        });
    }

    /**
     * Continues the trace of a row.
     *
     * @param traceparent position in the trace; null: no trace to continue
     */
    public static WorkScope open(String traceparent, Map<String, String> ids) {
        return new WorkScope(TraceParent.context(traceparent), ids);
    }

    /** Continues the trace of a message. */
    public static WorkScope open(Context context) {
        return new WorkScope(context, Map.of());
    }

    /** Stays in the trace of this thread. */
    public static WorkScope open(Map<String, String> ids) {
        return new WorkScope(Context.current(), ids);
    }

    @Override
    public void close() {
        before.forEach((key, value) -> {
            if (value == null) {
                MDC.remove(key);
            } else {
                MDC.put(key, value);
            }
        });
        trace.close();
    }
}
