package dev.loupe.training.run;

import dev.loupe.service.telemetry.WorkScope;
import jakarta.ws.rs.core.UriInfo;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** What is logged of a request about a run carries its id. It goes with the request, which has its own context. */
class RunRequests {
    @ServerRequestFilter
    void mark(UriInfo uri) {
        put(WorkScope.RUN, uri.getPathParameters().getFirst("run"));
        put(WorkScope.ATTEMPT, uri.getPathParameters().getFirst("attempt"));
    }

    private static void put(String key, String id) {
        if (id != null) {
            MDC.put(key, id);
        }
    }
}
