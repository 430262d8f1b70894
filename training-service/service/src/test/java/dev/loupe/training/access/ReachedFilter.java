package dev.loupe.training.access;

import dev.loupe.testing.AccessMatrix;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Ends the requests of {@link AccessMatrix} that the access rules allow. */
class ReachedFilter {
    @ServerRequestFilter(priority = Priorities.USER + 1000)
    Response end(ContainerRequestContext request) {
        return request.getHeaderString(AccessMatrix.PROBE) == null
                ? null
                : Response.status(AccessMatrix.REACHED).build();
    }
}
