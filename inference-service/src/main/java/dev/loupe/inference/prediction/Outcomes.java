package dev.loupe.inference.prediction;

import dev.loupe.contracts.Task;
import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelLookup;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;

/** The truth about logged predictions, told later. */
@ApplicationScoped
public class Outcomes {
    /** Labels of an image in anomaly detection. */
    private static final List<String> DETECTOR_LABELS = List.of("normal", "abnormal");

    private static final int MAX_LABEL = 100;

    private final ModelLookup lookup;
    private final PredictionRepository predictions;
    private final Audit audit;

    Outcomes(ModelLookup lookup, PredictionRepository predictions, Audit audit) {
        this.lookup = lookup;
        this.predictions = predictions;
        this.audit = audit;
    }

    /**
     * Records the truth about a prediction. The same label again changes nothing; another one is a correction, which is
     * audited.
     *
     * @param project its name or id
     * @param prediction id of the prediction
     * @param label the right label of the image; {@code normal} or {@code abnormal} in anomaly detection
     * @throws ServiceException {@code MODEL_NOT_FOUND}, {@code PREDICTION_NOT_FOUND}, {@code LABEL_INVALID}
     */
    @Transactional
    public LoggedPrediction report(String project, String prediction, String label, String actor) {
        Model model = lookup.require(project);
        check(model, label);
        LoggedPrediction before = predictions.require(model, prediction, true);
        if (label.equals(before.outcome())) {
            return before;
        }
        LoggedPrediction after = predictions.report(before, label, actor);
        if (before.outcome() != null) {
            audit.record(Change.of(
                            model.projectId(),
                            actor,
                            "outcome.correct",
                            "models/" + model.name() + "/predictions/" + before.id())
                    .values(before.outcome(), label)
                    .detail("revision %d: %s, before %s by %s"
                            .formatted(after.outcomeRevision(), label, before.outcome(), before.outcomeActor())));
        }
        return after;
    }

    private static void check(Model model, String label) {
        if (label == null || label.isBlank() || label.length() > MAX_LABEL) {
            throw invalid("label: expected 1 to %d characters, got %s".formatted(MAX_LABEL, QuotedInput.of(label)));
        }
        if (model.task() == Task.ANOMALY_DETECTION && !DETECTOR_LABELS.contains(label)) {
            throw invalid("label: expected one of %s in anomaly detection, got %s"
                    .formatted(DETECTOR_LABELS, QuotedInput.of(label)));
        }
    }

    private static ServiceException invalid(String message) {
        return new ServiceException(ErrorCode.LABEL_INVALID, message);
    }
}
