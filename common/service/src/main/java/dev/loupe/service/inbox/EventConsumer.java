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
 * Takes an event in: once, in a transaction, trying again for as long as only the database is away. What can't be
 * understood is refused, which the channel's failure strategy turns into a dead letter; the partition moves on.
 *
 * <p>The consuming method is {@code @Blocking}, which keeps the order; {@code @RunOnVirtualThread} would not: it runs
 * messages side by side.
 */
@ApplicationScoped
public class EventConsumer {
    private static final Logger LOG = Logger.getLogger(EventConsumer.class);

    private final Inbox inbox;
    private final RetryPolicy<Object> untilTheDatabaseIsBack = RetryPolicy.builder()
            .handleIf(e -> !Inbox.isHopeless(e))
            .withMaxRetries(-1)
            .withBackoff(Duration.ofMillis(200), Duration.ofSeconds(10))
            .withJitter(0.3)
            .onRetry(attempt -> LOG.warnf("event not taken in yet: %s", attempt.getLastException()))
            .build();

    EventConsumer(Inbox inbox) {
        this.inbox = inbox;
    }

    /**
     * What to do with the events of one type.
     *
     * @param type of the CloudEvent
     * @param parser of its data
     * @param effect runs within a transaction
     */
    public record Handler<E extends MessageLite>(String type, Parser<E> parser, Consumer<E> effect) {
        private Runnable on(byte[] data) {
            E event = parse(data, type, parser);
            return () -> effect.accept(event);
        }
    }

    /**
     * Gives an event to the handler of its type, within a transaction, unless it came before; events of other types are
     * passed over. All within the trace in which the event was written. Blocks; return what it returns.
     */
    public CompletionStage<Void> accept(Message<byte[]> message, Handler<?>... handlers) {
        try (WorkScope _ = WorkScope.open(trace(message))) {
            return takeIn(message, handlers);
        }
    }

    /** As {@link #accept(Message, Handler[])} with one handler. */
    public <E extends MessageLite> CompletionStage<Void> accept(
            Message<byte[]> message, String type, Parser<E> parser, Consumer<E> effect) {
        return accept(message, new Handler<>(type, parser, effect));
    }

    private CompletionStage<Void> takeIn(Message<byte[]> message, Handler<?>... handlers) {
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
            LOG.errorf("event refused, it goes to the dead letters: %s", e.getMessage());
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
            throw new UnreadableEventException("not a " + type + ": " + e.getMessage(), e);
        }
    }
}
