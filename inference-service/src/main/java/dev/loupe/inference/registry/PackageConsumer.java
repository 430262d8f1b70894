package dev.loupe.inference.registry;

import dev.loupe.contracts.ProjectName;
import dev.loupe.contracts.Task;
import dev.loupe.events.v1.ModelEvaluated;
import dev.loupe.events.v1.ModelOrigin;
import dev.loupe.events.v1.ModelPackageProduced;
import dev.loupe.events.v1.ModelVersionRegistered;
import dev.loupe.service.inbox.EventConsumer;
import dev.loupe.service.inbox.EventConsumer.Handler;
import dev.loupe.service.outbox.Outbox;
import dev.loupe.service.telemetry.TraceParent;
import dev.loupe.service.telemetry.WorkScope;
import dev.loupe.storage.ObjectLocation;
import io.smallrye.common.annotation.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/**
 * Registers a model version for each model package that training has produced, and keeps what evaluation runs measured
 * of it.
 */
@ApplicationScoped
class PackageConsumer {
    private static final Logger LOG = Logger.getLogger(PackageConsumer.class);
    static final String TYPE = "dev.loupe.model-package-produced.v1";
    static final String EVALUATED = "dev.loupe.model-evaluated.v1";

    private final EventConsumer events;
    private final ModelRepository models;
    private final ProjectRepository projects;
    private final EvidenceRepository evidence;
    private final Outbox outbox;

    PackageConsumer(
            EventConsumer events,
            ModelRepository models,
            ProjectRepository projects,
            EvidenceRepository evidence,
            Outbox outbox) {
        this.events = events;
        this.projects = projects;
        this.models = models;
        this.evidence = evidence;
        this.outbox = outbox;
    }

    @Incoming("packages")
    @Blocking
    CompletionStage<Void> on(Message<byte[]> message) {
        return events.accept(
                message,
                new Handler<>(TYPE, ModelPackageProduced.parser(), this::register),
                new Handler<>(EVALUATED, ModelEvaluated.parser(), this::keep));
    }

    private void keep(ModelEvaluated event) {
        models.addEvaluation(new VersionEvaluation(
                UUID.fromString(event.getRunId()),
                event.getTestDigest(),
                event.getDatasetVersionNumber(),
                event.getMetricsMap()));
        if (event.hasTestCounts()) {
            evidence.add(UUID.fromString(event.getRunId()), event.getTestDigest(), event.getTestCounts());
        }
    }

    private void register(ModelPackageProduced event) {
        UUID projectId = UUID.fromString(event.getProjectId());
        Optional<ProjectRepository.ProjectState> project = projects.find(projectId);
        if (project.map(ProjectRepository.ProjectState::deleted).orElse(false)) {
            LOG.infof(
                    "run %s belongs to the deleted project '%s': no version is registered",
                    event.getRunId(), event.getProjectName());
            return;
        }
        // The project may have been renamed since the event.
        String name = project.map(ProjectRepository.ProjectState::name).orElse(event.getProjectName());
        Model model = new Model(projectId, name, task(event));
        ProjectName.require(model.name());
        ModelVersion version = new ModelVersion(
                0,
                UUID.fromString(event.getRunId()),
                new ObjectLocation(
                        event.getManifest().getBucket(), event.getManifest().getKey()),
                event.getManifest().getSha256(),
                event.getDatasetVersionId(),
                event.getDatasetVersionNumber(),
                event.getTestDigest(),
                event.getMetricsMap(),
                event.getRecipe(),
                event.getBackbone(),
                event.getOrigin() == ModelOrigin.IMPORTED ? Origin.IMPORTED : Origin.TRAINED,
                Instant.EPOCH,
                TraceParent.current());
        models.findByName(model.name()).filter(known -> !known.equals(model)).ifPresent(known -> {
            String message =
                    "run %s belongs to %s, but the name is used by %s".formatted(version.runId(), model, known);
            if (known.projectId().equals(projectId)) {
                throw new IllegalArgumentException(message); // a model of another task can never match
            }
            // The project that had the name was deleted or renamed, and that event is still to come, on another topic.
            throw new IllegalStateException(message);
        });
        models.insertIfAbsent(model);
        models.insert(model.projectId(), version).ifPresent(number -> {
            if (event.hasTestCounts()) {
                evidence.add(version.runId(), version.testDigest(), event.getTestCounts());
            }
            announce(model, version, number);
        });
    }

    private void announce(Model model, ModelVersion version, int number) {
        try (WorkScope _ = version.scope(model)) {
            LOG.infof("model '%s' version %d registered", model.name(), number);
        }
        outbox.add(
                "loupe.models",
                model.projectId().toString(),
                "dev.loupe.model-version-registered.v1",
                ModelVersionRegistered.newBuilder()
                        .setProjectId(model.projectId().toString())
                        .setProjectName(model.name())
                        .setVersion(number)
                        .setRunId(version.runId().toString())
                        .build()
                        .toByteArray());
    }

    private static Task task(ModelPackageProduced event) {
        return switch (event.getTask()) {
            case CLASSIFICATION -> Task.CLASSIFICATION;
            case ANOMALY_DETECTION -> Task.ANOMALY_DETECTION;
            case TASK_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException(
                        "run " + event.getRunId() + ": unknown task " + event.getTaskValue());
        };
    }
}
