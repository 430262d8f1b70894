package dev.loupe.service.telemetry;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.Optional;

/** Whether traces are recorded. They have ids, in logs and events, either way. */
@ConfigMapping(prefix = "loupe.telemetry")
public interface TelemetryConfig {
    /** Collector that takes spans by OTLP over gRPC; without one nothing is recorded or sent. */
    Optional<URI> otlpEndpoint();

    /** Share of the traces that begin here that is recorded; who brings a trace along has decided already. */
    @WithDefault("1")
    Share sampleRatio();

    /**
     * A part of the whole. It checks itself: one constraint on a configuration makes Quarkus describe all configuration to
     * Hibernate Validator at each start, which costs more than anything else that a service does then.
     *
     * @param value from 0 to 1
     */
    record Share(double value) {
        public Share {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException("expected a share from 0 to 1, got " + value);
            }
        }

        /** As a configuration has it. */
        public static Share valueOf(String text) {
            return new Share(Double.parseDouble(text));
        }
    }
}
