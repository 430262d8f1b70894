package dev.loupe.service.telemetry;

import io.opentelemetry.sdk.trace.samplers.Sampler;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Produces the sampler, which decides which spans are recorded. */
class SamplerProducer {
    @Produces
    @Singleton
    Sampler sampler(TelemetryConfig config) {
        return config.otlpEndpoint().isEmpty()
                ? Sampler.alwaysOff()
                : Sampler.parentBased(
                        Sampler.traceIdRatioBased(config.sampleRatio().value()));
    }
}
