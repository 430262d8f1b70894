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
 * SmallRye's dead letter queue, created for the first dead letter only: its producer takes 4 % of the main thread's
 * work in a start, and most services never need it. A channel selects it by the failure strategy {@value #STRATEGY},
 * with the same settings, {@code dead-letter-queue.*}.
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
