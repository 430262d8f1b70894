package dev.loupe.training.dataset;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.training.TrainerSpec.ManifestRef;
import dev.loupe.events.v1.DatasetVersionFrozen;
import dev.loupe.service.inbox.EventConsumer;
import io.smallrye.common.annotation.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/** Hears of dataset versions. */
@ApplicationScoped
public class FrozenVersionConsumer {
    private static final String TYPE = "dev.loupe.dataset-version-frozen.v1";

    private final EventConsumer events;
    private final DatasetVersions versions;

    FrozenVersionConsumer(EventConsumer events, DatasetVersions versions) {
        this.events = events;
        this.versions = versions;
    }

    @Incoming("datasets")
    @Blocking
    public CompletionStage<Void> on(Message<byte[]> message) {
        return events.accept(message, TYPE, DatasetVersionFrozen.parser(), event -> versions.add(read(event)));
    }

    private static DatasetVersion read(DatasetVersionFrozen event) {
        return new DatasetVersion(
                UUID.fromString(event.getDatasetVersionId()),
                UUID.fromString(event.getProjectId()),
                event.getProjectName(),
                Task.valueOf(event.getTask().name()),
                event.getNumber(),
                new ManifestRef(
                        event.getManifest().getBucket(),
                        event.getManifest().getKey(),
                        event.getManifest().getSha256()),
                event.getTrainImages(),
                event.getDevImages(),
                event.getTestImages(),
                event.getClassesList(),
                event.getTestDigest());
    }
}
