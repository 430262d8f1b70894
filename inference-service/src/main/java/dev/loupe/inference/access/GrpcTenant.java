package dev.loupe.inference.access;

import dev.loupe.service.access.GrpcAccess;
import dev.loupe.service.tenant.TenantOfCall;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** The tenant of the gRPC call in progress. */
@ApplicationScoped
class GrpcTenant implements TenantOfCall {
    @Override
    public Optional<String> fence() {
        return GrpcAccess.fence();
    }
}
