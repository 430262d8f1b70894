package dev.loupe.service.telemetry;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.Optional;

/** Recording of traces. Logs and events contain trace ids even without it. */
@ConfigMapping(prefix = "loupe.telemetry")
public interface TelemetryConfig {
    /** OTLP endpoint (gRPC) of the collector of spans; absent: no spans are recorded or sent. */
    Optional<URI> otlpEndpoint();

    /** Fraction of the traces started here that is recorded; for an incoming trace, the caller has decided. */
    @WithDefault("1")
    Share sampleRatio();

    /**
     * A fraction. It validates itself: a single constraint annotation on a configuration makes Quarkus describe all
     * configuration to Hibernate Validator at each start, which would be the most expensive step of a service's start.
     *
     * @param value from 0 to 1
     */
    record Share(double value) {
        public Share {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException("expected a fraction from 0 to 1, got " + value);
            }
        }

        /** Parses a configuration value. */
        public static Share valueOf(String text) {
            return new Share(Double.parseDouble(text));
        }
    }
}
