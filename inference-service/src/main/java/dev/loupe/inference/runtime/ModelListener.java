package dev.loupe.inference.runtime;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.loupe.events.v1.AliasMoved;
import dev.loupe.events.v1.CanaryChanged;
import dev.loupe.events.v1.ThresholdSet;
import dev.loupe.inference.registry.Alias;
import dev.loupe.inference.registry.Canary;
import dev.loupe.inference.registry.CurrentThreshold;
import dev.loupe.inference.registry.Replica;
import dev.loupe.service.inbox.Inbox;
import dev.loupe.service.inbox.UnreadableEventException;
import io.smallrye.common.annotation.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/**
 * Receives events about registered versions, moved aliases and new thresholds in each replica. The database is authoritative: an event
 * that is missed is made up for by the next reconciliation. A move or a threshold is applied from the event itself first, since the
 * database may be unavailable.
 */
@ApplicationScoped
class ModelListener {
    private static final String ALIAS_MOVED = "dev.loupe.alias-moved.v1";
    private static final String CANARY_CHANGED = "dev.loupe.canary-changed.v1";
    private static final String THRESHOLD_SET = "dev.loupe.threshold-set.v1";

    private final ModelRuntime runtime;
    private final Replica replica;

    ModelListener(ModelRuntime runtime, Replica replica) {
        this.runtime = runtime;
        this.replica = replica;
    }

    @Incoming("models")
    @Blocking
    CompletionStage<Void> on(Message<byte[]> message) {
        try {
            if (Inbox.envelope(message).getType().equals(ALIAS_MOVED)) {
                AliasMoved moved = AliasMoved.parseFrom(message.getPayload());
                runtime.aliasMoved(
                        UUID.fromString(moved.getProjectId()),
                        new Alias(moved.getAlias(), moved.getVersion(), moved.getGeneration()));
            } else if (Inbox.envelope(message).getType().equals(CANARY_CHANGED)) {
                CanaryChanged changed = CanaryChanged.parseFrom(message.getPayload());
                runtime.canaryChanged(
                        UUID.fromString(changed.getProjectId()),
                        new Canary(
                                changed.getAlias(),
                                changed.getRevision(),
                                changed.getGeneration(),
                                changed.getCandidate(),
                                changed.getWeight(),
                                changed.getSeed(),
                                changed.getActive(),
                                changed.getShadow()));
            } else if (Inbox.envelope(message).getType().equals(THRESHOLD_SET)) {
                ThresholdSet set = ThresholdSet.parseFrom(message.getPayload());
                runtime.thresholdSet(
                        UUID.fromString(set.getProjectId()),
                        new CurrentThreshold(set.getVersion(), set.getNumber(), set.getValue()));
            }
            replica.refresh();
            return message.ack();
        } catch (InvalidProtocolBufferException e) {
            return message.nack(new UnreadableEventException("invalid event on loupe.models: " + e.getMessage(), e));
        } catch (RuntimeException e) {
            return message.nack(e);
        }
    }
}
