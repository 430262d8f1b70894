package dev.loupe.service.telemetry;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import java.net.URI;
import java.util.Optional;

/** Whether traces are recorded. They have ids, in logs and events, either way. */
@ConfigMapping(prefix = "loupe.telemetry")
public interface TelemetryConfig {
    /** Collector that takes spans by OTLP over gRPC; without one nothing is recorded, and nobody connected to. */
    Optional<URI> otlpEndpoint();

    /** Share of the traces that begin here that is recorded; who brings a trace along has decided already. */
    @WithDefault("1")
    @DecimalMin("0")
    @DecimalMax("1")
    double sampleRatio();
}
