package dev.loupe.service.inbox;

import io.quarkus.vertx.http.HttpServerStart;
import io.smallrye.reactive.messaging.ChannelRegistry;
import io.smallrye.reactive.messaging.PausableChannel;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.ObservesAsync;
import java.util.Objects;

/**
 * Starts the event consumers after the service has started to answer requests: readiness does not wait for the Kafka
 * clients, whose creation takes a tenth of the start or more.
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
