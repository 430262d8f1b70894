package dev.loupe.service.access;

import dev.loupe.service.tenant.TenantOfCall;
import io.quarkus.arc.Arc;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** The tenant of the REST request in progress. */
@ApplicationScoped
class RestTenant implements TenantOfCall {
    private final CurrentCaller caller;

    RestTenant(CurrentCaller caller) {
        this.caller = caller;
    }

    @Override
    public Optional<String> fence() {
        return Arc.container().requestContext().isActive() ? Tenant.fenceOf(caller.known()) : Optional.empty();
    }
}
