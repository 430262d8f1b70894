package dev.loupe.inference.runtime;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready when each version that an alias points at was loaded or failed to load: one broken version blocks no other
 * model.
 */
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
