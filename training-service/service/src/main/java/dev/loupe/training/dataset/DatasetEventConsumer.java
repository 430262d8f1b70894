package dev.loupe.training.dataset;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.training.TrainerSpec.ManifestRef;
import dev.loupe.events.v1.DatasetVersionFrozen;
import dev.loupe.events.v1.ProjectChanged;
import dev.loupe.service.inbox.EventConsumer;
import dev.loupe.service.inbox.EventConsumer.Handler;
import dev.loupe.training.member.AccessEvents;
import io.smallrye.common.annotation.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/** Consumes the events of dataset-service about dataset versions, projects, their members and API tokens. */
@ApplicationScoped
public class DatasetEventConsumer {
    private final EventConsumer events;
    private final Handler<DatasetVersionFrozen> frozen;
    private final Handler<ProjectChanged> changed;
    private final AccessEvents access;

    DatasetEventConsumer(EventConsumer events, FrozenVersions versions, KnownProjects projects, AccessEvents access) {
        this.events = events;
        this.access = access;
        this.frozen = new Handler<>(
                "dev.loupe.dataset-version-frozen.v1",
                DatasetVersionFrozen.parser(),
                event -> versions.add(read(event)));
        this.changed = new Handler<>("dev.loupe.project-changed.v1", ProjectChanged.parser(), projects::apply);
    }

    @Incoming("datasets")
    @Blocking
    public CompletionStage<Void> on(Message<byte[]> message) {
        CompletionStage<Void> done = events.accept(
                message, frozen, changed, access.tokens(), access.members(), access.limits(), access.tenantLimits());
        access.finish();
        return done;
    }

    private static FrozenVersion read(DatasetVersionFrozen event) {
        return new FrozenVersion(
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
                event.getClassCount() > 0 ? event.getClassCount() : event.getClassesCount(),
                event.getTestDigest());
    }
}
