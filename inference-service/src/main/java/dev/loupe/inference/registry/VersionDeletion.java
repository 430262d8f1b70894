package dev.loupe.inference.registry;

import dev.loupe.events.v1.ModelVersionDeleted;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.outbox.Outbox;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;

/** Deletes model versions that no alias needs. training-service then deletes the package, which belongs to the run. */
@ApplicationScoped
class VersionDeletion {
    private final ModelRepository models;
    private final AliasRepository aliases;
    private final CanaryRepository canaries;
    private final Outbox outbox;
    private final Audit audit;

    VersionDeletion(
            ModelRepository models, AliasRepository aliases, CanaryRepository canaries, Outbox outbox, Audit audit) {
        this.models = models;
        this.aliases = aliases;
        this.canaries = canaries;
        this.outbox = outbox;
        this.audit = audit;
    }

    /**
     * Deletes a version. Its number is not used again.
     *
     * @throws ServiceException {@code MODEL_VERSION_NOT_FOUND}; {@code MODEL_VERSION_IN_USE} if an alias points at it,
     *     or would after a rollback, or if it is the candidate of one
     */
    @Transactional
    void delete(Model model, int number, String actor) {
        ModelVersion version =
                models.lock(model.projectId(), number).orElseThrow(() -> ModelLookup.noVersion(model, number));
        List<String> users = aliases.using(model.projectId(), number);
        if (!users.isEmpty()) {
            throw new ServiceException(
                    ErrorCode.MODEL_VERSION_IN_USE,
                    "model '%s': version %d is the current or the previous version of %s; promote other versions first"
                            .formatted(model.name(), number, "'" + String.join("', '", users) + "'"));
        }
        List<String> tried = canaries.using(model.projectId(), number);
        if (!tried.isEmpty()) {
            throw new ServiceException(
                    ErrorCode.MODEL_VERSION_IN_USE,
                    "model '%s': version %d is the candidate of %s; promote or abort it first"
                            .formatted(model.name(), number, "'" + String.join("', '", tried) + "'"));
        }
        models.delete(model.projectId(), number);
        audit.record(
                Change.of(model.projectId(), actor, "version.delete", "models/" + model.name() + "/versions/" + number)
                        .detail("run " + version.runId()));
        outbox.add(
                "loupe.models",
                model.projectId().toString(),
                "dev.loupe.model-version-deleted.v1",
                ModelVersionDeleted.newBuilder()
                        .setProjectId(model.projectId().toString())
                        .setProjectName(model.name())
                        .setVersion(number)
                        .setRunId(version.runId().toString())
                        .setActor(actor)
                        .build()
                        .toByteArray());
    }
}
