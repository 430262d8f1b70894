package dev.loupe.inference.runtime;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** A replica takes requests when what aliases name is loaded, or was tried: one broken version stops no other model. */
@Readiness
@ApplicationScoped
class RuntimeReadiness implements HealthCheck {
    private final ModelRuntime runtime;

    RuntimeReadiness(ModelRuntime runtime) {
        this.runtime = runtime;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("models").status(runtime.isStarted()).build();
    }
}
