package dev.loupe.service.inbox;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import dev.loupe.service.telemetry.WorkScope;
import io.opentelemetry.context.Context;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.smallrye.reactive.messaging.TracingMetadata;
import io.smallrye.reactive.messaging.ce.IncomingCloudEventMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/**
 * Processes each event once, in a transaction, and retries while the database is unavailable. An event that cannot be
 * read is rejected; the channel's failure strategy makes it a dead letter, and the partition continues.
 *
 * <p>The consuming method must be {@code @Blocking}, which keeps the order of messages; {@code @RunOnVirtualThread}
 * would process them concurrently.
 */
@ApplicationScoped
public class EventConsumer {
    private static final Logger LOG = Logger.getLogger(EventConsumer.class);

    private final Inbox inbox;
    private final RetryPolicy<Object> untilTheDatabaseIsBack = RetryPolicy.builder()
            .handleIf(e -> !Inbox.isPermanent(e))
            .withMaxRetries(-1)
            .withBackoff(Duration.ofMillis(200), Duration.ofSeconds(10))
            .withJitter(0.3)
            .onRetry(attempt -> LOG.warnf("event could not be processed yet: %s", attempt.getLastException()))
            .build();

    EventConsumer(Inbox inbox) {
        this.inbox = inbox;
    }

    /**
     * Handles the events of one type.
     *
     * @param type type of the CloudEvent
     * @param parser parser of its data
     * @param effect effect of the event; runs within a transaction
     */
    public record Handler<E extends MessageLite>(String type, Parser<E> parser, Consumer<E> effect) {
        private Runnable on(byte[] data) {
            E event = parse(data, type, parser);
            return () -> effect.accept(event);
        }
    }

    /**
     * Passes an event to the handler of its type, within a transaction, unless it was processed before. Events of other
     * types are ignored. Continues the trace in which the event was written. Blocks; the consuming method must return
     * the result.
     */
    public CompletionStage<Void> accept(Message<byte[]> message, Handler<?>... handlers) {
        try (WorkScope _ = WorkScope.open(trace(message))) {
            return process(message, handlers);
        }
    }

    /** Like {@link #accept(Message, Handler[])} with one handler. */
    public <E extends MessageLite> CompletionStage<Void> accept(
            Message<byte[]> message, String type, Parser<E> parser, Consumer<E> effect) {
        return accept(message, new Handler<>(type, parser, effect));
    }

    private CompletionStage<Void> process(Message<byte[]> message, Handler<?>... handlers) {
        try {
            IncomingCloudEventMetadata<?> envelope = Inbox.envelope(message);
            for (Handler<?> handler : handlers) {
                if (envelope.getType().equals(handler.type())) {
                    Runnable effect = handler.on(message.getPayload());
                    Failsafe.with(untilTheDatabaseIsBack)
                            .run(() -> QuarkusTransaction.requiringNew().run(() -> {
                                if (inbox.isNew(envelope)) {
                                    effect.run();
                                }
                            }));
                }
            }
            return message.ack();
        } catch (RuntimeException e) {
            LOG.errorf("event rejected, it becomes a dead letter: %s", e.getMessage());
            return message.nack(e);
        }
    }

    private static Context trace(Message<byte[]> message) {
        return TracingMetadata.fromMessage(message)
                .map(TracingMetadata::getCurrentContext)
                .orElse(Context.root());
    }

    private static <E extends MessageLite> E parse(byte[] data, String type, Parser<E> parser) {
        try {
            return parser.parseFrom(data);
        } catch (InvalidProtocolBufferException e) {
            throw new UnreadableEventException("invalid " + type + ": " + e.getMessage(), e);
        }
    }
}
