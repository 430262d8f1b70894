package dev.loupe.inference.prediction;

import dev.loupe.inference.registry.Model;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.json.Json;

/** The settings of prediction logs in the database. */
@ApplicationScoped
class LogSettingsRepository {
    private final Jdbi jdbi;
    private final Audit audit;

    /**
     * The settings of a project. Public, because Jdbi constructs only public records.
     *
     * @param revision increases by one with every change; 0 if none were set
     * @param actor who set them, null if none were set
     * @param changedAt when they were set, null if none were set
     */
    public record StoredSettings(long revision, @Json LogSettings settings, String actor, Instant changedAt) {}

    /** The settings with their project. Public, because Jdbi constructs only public records. */
    public record ProjectSettings(UUID projectId, @Json LogSettings settings) {}

    LogSettingsRepository(Jdbi jdbi, Audit audit) {
        this.jdbi = jdbi;
        this.audit = audit;
    }

    /** The settings of all projects that have set any. */
    Map<UUID, LogSettings> all() {
        return jdbi.withHandle(handle -> handle.createQuery("select project_id, settings from prediction_log")
                .mapTo(ProjectSettings.class)
                .collect(Collectors.toMap(ProjectSettings::projectId, ProjectSettings::settings)));
    }

    StoredSettings get(Model model) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select revision, settings, actor, changed_at from prediction_log where project_id = :project")
                .bind("project", model.projectId())
                .mapTo(StoredSettings.class)
                .findOne()
                .orElseGet(() -> new StoredSettings(0, LogSettings.standard(), null, null)));
    }

    /**
     * Replaces the settings of a project.
     *
     * @param expectedRevision revision that they must be at, 0 if none were set, null for any
     * @throws ServiceException {@code STALE_REVISION}
     */
    @Transactional
    StoredSettings replace(Model model, LogSettings settings, Long expectedRevision, String actor) {
        StoredSettings before = get(model);
        StoredSettings after = new StoredSettings(
                before.revision() + 1, settings, actor, Instant.now().truncatedTo(ChronoUnit.MICROS));
        if (expectedRevision != null && expectedRevision != before.revision() || !write(model, after)) {
            throw new ServiceException(
                    ErrorCode.STALE_REVISION,
                    "model '%s': expected revision %d of the settings of its prediction log, got %d: they changed in the meantime"
                            .formatted(
                                    model.name(),
                                    expectedRevision == null ? before.revision() : expectedRevision,
                                    get(model).revision()));
        }
        audit.record(Change.of(
                        model.projectId(),
                        actor,
                        "prediction-log.replace",
                        "models/" + model.name() + "/prediction-log")
                .detail("revision " + after.revision())
                .values(before.settings(), settings));
        return after;
    }

    /** Returns false if the settings are not at the revision before. */
    private boolean write(Model model, StoredSettings settings) {
        return jdbi.withHandle(handle -> handle.createUpdate(settings.revision() == 1 ? """
                                insert into prediction_log (project_id, revision, settings, actor, changed_at)
                                values (:project, :revision, cast(:settings as jsonb), :actor, :changedAt)
                                on conflict do nothing""" : """
                                update prediction_log set revision = :revision, settings = cast(:settings as jsonb),
                                    actor = :actor, changed_at = :changedAt
                                where project_id = :project and revision = :revision - 1""")
                        .bind("project", model.projectId())
                        .bindMethods(settings)
                        .execute()
                == 1);
    }
}
