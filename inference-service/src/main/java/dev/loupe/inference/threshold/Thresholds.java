package dev.loupe.inference.threshold;

import dev.loupe.events.v1.ThresholdSet;
import dev.loupe.inference.registry.CurrentThreshold;
import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelLookup;
import dev.loupe.inference.registry.ModelRepository;
import dev.loupe.inference.registry.ModelVersion;
import dev.loupe.inference.threshold.DetectorScores.Choice;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.outbox.Outbox;
import dev.loupe.storage.ObjectStore;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * Chooses and sets thresholds. The compare-and-set on the number of the threshold version, the audit entry and the event
 * are one transaction. Of two concurrent changes of the same threshold version, one succeeds.
 */
@ApplicationScoped
class Thresholds {
    private final ThresholdRepository thresholds;
    private final ModelRepository models;
    private final ObjectStore store;
    private final Outbox outbox;
    private final Audit audit;

    Thresholds(ThresholdRepository thresholds, ModelRepository models, ObjectStore store, Outbox outbox, Audit audit) {
        this.thresholds = thresholds;
        this.models = models;
        this.store = store;
        this.outbox = outbox;
        this.audit = audit;
    }

    /** What the audit log keeps of a threshold version; the value of the package's is in the package alone. */
    private record Threshold(int number, Double value) {}

    /** Returns the number of the current threshold version. */
    int current(Model model, ModelVersion version) {
        return thresholds.latest(model.projectId(), version.number()).orElse(CurrentThreshold.OF_PACKAGE);
    }

    /** Lists the threshold versions below the given number, newest first. */
    List<ThresholdVersion> list(Model model, ModelVersion version, long below, int limit) {
        ThresholdVersion first = packaged(version, DetectorPackage.read(store, model, version));
        List<ThresholdVersion> rows =
                new ArrayList<>(thresholds.list(model.projectId(), version.number(), below, limit));
        if (rows.size() < limit && below > CurrentThreshold.OF_PACKAGE) {
            rows.add(first);
        }
        return rows;
    }

    private static ThresholdVersion packaged(ModelVersion version, DetectorPackage detector) {
        return ThresholdVersion.of(
                        ThresholdMethod.TRAINING,
                        null,
                        null,
                        new Choice(
                                detector.threshold().value(),
                                detector.threshold().how()),
                        detector.dev())
                .saved(CurrentThreshold.OF_PACKAGE, null, null, version.createdAt());
    }

    /**
     * Decides scores again.
     *
     * @param number number of the threshold version that decides
     * @throws ServiceException {@code THRESHOLD_NOT_FOUND}
     */
    Decisions reEvaluate(Model model, ModelVersion version, int number, double[] scores) {
        DetectorPackage detector = DetectorPackage.read(store, model, version);
        ThresholdVersion threshold = number == CurrentThreshold.OF_PACKAGE
                ? packaged(version, detector)
                : thresholds
                        .find(model.projectId(), version.number(), number)
                        .orElseThrow(() -> new ServiceException(
                                ErrorCode.THRESHOLD_NOT_FOUND,
                                "version %d of model '%s' has no threshold version %d"
                                        .formatted(version.number(), model.name(), number)));
        return Decisions.of(threshold, detector.calibration(), scores);
    }

    /**
     * Chooses a threshold without saving it.
     *
     * @throws ServiceException {@code DEV_SCORES_MISSING}, {@code DEV_IMAGES_TOO_FEW}, {@code MODEL_TASK_MISMATCH}
     */
    ThresholdVersion choose(Model model, ModelVersion version, ThresholdRequest request) {
        DetectorPackage detector = DetectorPackage.read(store, model, version);
        Choice choice =
                switch (request.chosenBy()) {
                    case BEST_F1 -> detector.requireDev(model, version).bestF1();
                    case FALSE_ALARM_RATE ->
                        detector.requireDev(model, version).falseAlarmRate(request.target(), request.confidence());
                    case RECALL -> detector.requireDev(model, version).recall(request.target());
                    // The nearest float, as scores are floats.
                    case MANUAL -> new Choice(request.value().floatValue(), "set by hand");
                    case TRAINING -> throw new IllegalArgumentException("not a method of a request");
                };
        return ThresholdVersion.of(request.chosenBy(), request.target(), request.confidence(), choice, detector.dev());
    }

    /**
     * Saves a threshold as the next version, with which the model version decides from now on.
     *
     * @param chosen threshold that {@link #choose} returned
     * @param expected number of the threshold version that must be the current one, null for any
     * @throws ServiceException {@code STALE_THRESHOLD}; {@code MODEL_VERSION_NOT_FOUND} if it was deleted meanwhile
     */
    @Transactional
    ThresholdVersion set(
            Model model, ModelVersion version, ThresholdVersion chosen, Integer expected, String reason, String actor) {
        models.retain(model.projectId(), version.number())
                .orElseThrow(() -> ModelLookup.noVersion(model, version.number()));
        int current = current(model, version);
        if (expected != null && expected != current) {
            throw stale(model, version, expected, current);
        }
        ThresholdVersion saved =
                chosen.saved(current + 1, reason, actor, Instant.now().truncatedTo(ChronoUnit.MICROS));
        if (!thresholds.insert(model.projectId(), version.number(), saved)) {
            throw stale(model, version, current, current + 1);
        }
        Threshold before = thresholds
                .find(model.projectId(), version.number(), current)
                .map(found -> new Threshold(found.number(), found.value()))
                .orElse(new Threshold(current, null));
        audit.record(Change.of(
                        model.projectId(),
                        actor,
                        "threshold.set",
                        "models/" + model.name() + "/versions/" + version.number() + "/thresholds/" + saved.number())
                .values(before, new Threshold(saved.number(), saved.value()))
                .detail("threshold version %d -> %d, %s: %s; reason: %s"
                        .formatted(current, saved.number(), saved.value(), saved.how(), reason)));
        outbox.add(
                "loupe.models",
                model.projectId().toString(),
                "dev.loupe.threshold-set.v1",
                ThresholdSet.newBuilder()
                        .setProjectId(model.projectId().toString())
                        .setProjectName(model.name())
                        .setVersion(version.number())
                        .setNumber(saved.number())
                        .setValue(saved.value())
                        .setActor(actor)
                        .build()
                        .toByteArray());
        return saved;
    }

    private static ServiceException stale(Model model, ModelVersion version, int expected, int current) {
        return new ServiceException(
                ErrorCode.STALE_THRESHOLD,
                "version %d of model '%s': the current threshold version is %d, expected %d: it was changed in the meantime"
                        .formatted(version.number(), model.name(), current, expected));
    }
}
