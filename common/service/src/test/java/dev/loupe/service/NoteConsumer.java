package dev.loupe.service;

import com.google.protobuf.StringValue;
import dev.loupe.service.inbox.EventConsumer;
import io.smallrye.common.annotation.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

@ApplicationScoped
public class NoteConsumer {
    static final Logger LOG = Logger.getLogger(NoteConsumer.class);
    static final List<String> SEEN = new CopyOnWriteArrayList<>();

    private final EventConsumer events;

    NoteConsumer(EventConsumer events) {
        this.events = events;
    }

    @Incoming("notes")
    @Blocking
    public CompletionStage<Void> on(Message<byte[]> message) {
        return events.accept(message, NoteResource.TYPE, StringValue.parser(), note -> {
            LOG.infof("heard of %s", note.getValue());
            SEEN.add(note.getValue());
        });
    }
}
