package dev.loupe.inference.serve;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.service.error.Problem;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.MediaType;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** Adds the field {@code error} of the Open Inference Protocol to the problem documents of its paths. */
class InferErrors {
    /** Clients of the protocol read {@code error}, and only from JSON of this type. */
    record InferError(String error, @JsonUnwrapped Problem problem) {}

    @ServerResponseFilter
    void addError(ContainerRequestContext request, ContainerResponseContext response) {
        if (response.getEntity() instanceof Problem problem
                && request.getUriInfo().getPath().startsWith("/v2/")) {
            response.setEntity(new InferError(problem.detail(), problem), null, MediaType.APPLICATION_JSON_TYPE);
        }
    }
}
