package dev.loupe.training.run;

import dev.loupe.service.telemetry.WorkScope;
import jakarta.ws.rs.core.UriInfo;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Adds the run's id to the log records of a request. It is removed with the request, which has its own context. */
class RunLoggingFilter {
    @ServerRequestFilter
    void addIds(UriInfo uri) {
        put(WorkScope.RUN, uri.getPathParameters().getFirst("run"));
        put(WorkScope.ATTEMPT, uri.getPathParameters().getFirst("attempt"));
    }

    private static void put(String key, String id) {
        if (id != null) {
            MDC.put(key, id);
        }
    }
}
