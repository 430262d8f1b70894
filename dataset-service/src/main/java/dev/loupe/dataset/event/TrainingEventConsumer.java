package dev.loupe.dataset.event;

import dev.loupe.dataset.finding.WrongLabelFindings;
import dev.loupe.dataset.version.DeletedVersions;
import dev.loupe.events.v1.DatasetVersionReleased;
import dev.loupe.events.v1.LabelsChecked;
import dev.loupe.service.inbox.EventConsumer;
import dev.loupe.service.inbox.EventConsumer.Handler;
import io.smallrye.common.annotation.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/** Consumes the events of training-service about dataset versions and their images. */
@ApplicationScoped
public class TrainingEventConsumer {
    private final EventConsumer events;
    private final Handler<DatasetVersionReleased> released;
    private final Handler<LabelsChecked> checked;

    TrainingEventConsumer(EventConsumer events, DeletedVersions versions, WrongLabelFindings findings) {
        this.events = events;
        this.released = new Handler<>(
                "dev.loupe.dataset-version-released.v1", DatasetVersionReleased.parser(), versions::delete);
        this.checked = new Handler<>("dev.loupe.labels-checked.v1", LabelsChecked.parser(), findings::add);
    }

    @Incoming("training")
    @Blocking
    public CompletionStage<Void> on(Message<byte[]> message) {
        return events.accept(message, released, checked);
    }
}
