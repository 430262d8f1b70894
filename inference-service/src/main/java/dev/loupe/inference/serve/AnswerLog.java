package dev.loupe.inference.serve;

import com.google.protobuf.ByteString;
import dev.loupe.inference.prediction.AnsweredImage;
import dev.loupe.inference.prediction.PredictionLog;
import dev.loupe.inference.runtime.ModelLease;
import dev.loupe.inference.serve.ModelInput.Images;
import dev.loupe.model.AnomalyPrediction;
import dev.loupe.model.ClassPrediction;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;

/** Adds the predictions of a request to the prediction log. Thread-safe. */
@ApplicationScoped
class AnswerLog {
    private static final Logger LOG = Logger.getLogger(AnswerLog.class);

    private final PredictionLog log;

    AnswerLog(PredictionLog log) {
        this.log = log;
    }

    /** @param nanos time from the arrival of the request to its answer */
    void add(ModelLease lease, ModelInput input, Inference inference, long nanos) {
        if (!log.isOn(lease.projectId())) {
            return;
        }
        try {
            List<AnsweredImage> images = IntStream.range(0, input.count())
                    .filter(_ -> log.draws(lease.projectId()))
                    .mapToObj(i -> answered(lease, input, inference, i))
                    .toList();
            log.add(lease.projectId(), lease.version().number(), Duration.ofNanos(nanos), images);
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("a prediction is not logged", e); // the caller gets the answer that there is
        }
    }

    private static AnsweredImage answered(ModelLease lease, ModelInput input, Inference inference, int index) {
        UUID id = inference.ids().get(index);
        ByteString image = input instanceof Images(List<ByteString> encoded) ? encoded.get(index) : null;
        return switch (inference.predictions().get(index)) {
            case ClassPrediction classes ->
                new AnsweredImage(id, null, classes.label(), classes.score(), null, margin(classes), null, image);
            case AnomalyPrediction anomaly ->
                new AnsweredImage(
                        id,
                        lease.threshold(),
                        anomaly.anomalous() ? "abnormal" : "normal",
                        anomaly.score(),
                        inference.calibrated() == null ? null : inference.calibrated()[index],
                        null,
                        anomaly.product(),
                        image);
        };
    }

    private static float margin(ClassPrediction prediction) {
        int best = prediction.best();
        float second = 0;
        for (int i = 0; i < prediction.probabilities().length; i++) {
            if (i != best) {
                second = Math.max(second, prediction.probabilities()[i]);
            }
        }
        return prediction.score() - second;
    }
}
