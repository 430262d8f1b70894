package dev.loupe.service.inbox;

import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.IncomingKafkaRecord;
import io.smallrye.reactive.messaging.kafka.KafkaConnectorIncomingConfiguration;
import io.smallrye.reactive.messaging.kafka.KafkaConsumer;
import io.smallrye.reactive.messaging.kafka.fault.KafkaFailureHandler;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.BiConsumer;
import org.eclipse.microprofile.reactive.messaging.Metadata;

/**
 * SmallRye's dead letter queue, made for the first letter: its producer is 4 % of what the main thread does in a start,
 * and most services never need it. The failure strategy {@value #STRATEGY} of a channel takes its settings, {@code
 * dead-letter-queue.*}.
 */
@ApplicationScoped
@Identifier(DeadLetterQueue.STRATEGY)
class DeadLetterQueue implements KafkaFailureHandler.Factory {
    static final String STRATEGY = "lazy-dead-letter-queue";

    private final KafkaFailureHandler.Factory smallRyes;

    DeadLetterQueue(@Identifier(KafkaFailureHandler.Strategy.DEAD_LETTER_QUEUE) KafkaFailureHandler.Factory smallRyes) {
        this.smallRyes = smallRyes;
    }

    @Override
    public KafkaFailureHandler create(
            KafkaConnectorIncomingConfiguration config,
            Vertx vertx,
            KafkaConsumer<?, ?> consumer,
            BiConsumer<Throwable, Boolean> reportFailure) {
        return new KafkaFailureHandler() {
            private KafkaFailureHandler queue;

            @Override
            public synchronized <K, V> Uni<Void> handle(
                    IncomingKafkaRecord<K, V> letter, Throwable reason, Metadata metadata) {
                if (queue == null) {
                    queue = smallRyes.create(config, vertx, consumer, reportFailure);
                }
                return queue.handle(letter, reason, metadata);
            }

            @Override
            public synchronized void terminate() {
                if (queue != null) {
                    queue.terminate();
                }
            }
        };
    }
}
