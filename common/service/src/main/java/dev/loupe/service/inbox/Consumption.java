package dev.loupe.service.inbox;

import io.quarkus.vertx.http.HttpServerStart;
import io.smallrye.reactive.messaging.ChannelRegistry;
import io.smallrye.reactive.messaging.PausableChannel;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.ObservesAsync;
import java.util.Objects;

/**
 * Starts the consumers of events, once the service answers requests: its readiness doesn't wait for Kafka's clients,
 * whose making is a tenth of a start and more.
 */
@ApplicationScoped
class Consumption {
    private final ChannelRegistry channels;

    Consumption(ChannelRegistry channels) {
        this.channels = channels;
    }

    void start(@ObservesAsync HttpServerStart answering) {
        channels.getIncomingNames().stream()
                .map(channels::getPausable)
                .filter(Objects::nonNull)
                .forEach(PausableChannel::resume);
    }
}
