package dev.loupe.service.inbox;

import dev.loupe.service.error.ServiceException;
import dev.loupe.service.error.SqlState;
import io.smallrye.reactive.messaging.ce.IncomingCloudEventMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jdbi.v3.core.Jdbi;

/** Records which events were processed, so that each has its effect once even if it is delivered several times. */
@ApplicationScoped
public class Inbox {
    private final Jdbi jdbi;

    Inbox(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Records the event and returns whether it is new. Must be called within the transaction of the effect: if that
     * fails, the event stays new.
     */
    @Transactional(TxType.MANDATORY)
    public boolean isNew(IncomingCloudEventMetadata<?> event) {
        String id = event.getSource() + "#" + event.getId();
        return jdbi.withHandle(handle -> handle.createUpdate(
                                "insert into inbox (event_id) values (:id) on conflict do nothing")
                        .bind("id", id)
                        .execute())
                == 1;
    }

    /**
     * Returns the CloudEvents metadata of a message.
     *
     * @throws UnreadableEventException if it is not a CloudEvent
     */
    public static IncomingCloudEventMetadata<?> envelope(Message<byte[]> message) {
        return message.getMetadata(IncomingCloudEventMetadata.class)
                .filter(event -> event.getId() != null && event.getType() != null)
                .orElseThrow(() -> new UnreadableEventException("not a CloudEvent"));
    }

    /**
     * Whether a retry cannot help, so that the event belongs in the dead letter queue: it cannot be read, or PostgreSQL
     * can never store it. The latter are SQLSTATE classes 22 (a NUL in a text, a number out of range) and 54 (too long
     * for an index).
     */
    public static boolean isPermanent(Throwable e) {
        return e instanceof UnreadableEventException
                || e instanceof ServiceException
                || e instanceof IllegalArgumentException
                || SqlState.of(e)
                        .filter(state -> state.startsWith("22") || state.startsWith("54"))
                        .isPresent();
    }
}
