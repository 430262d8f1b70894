package dev.loupe.inference.serve;

import com.google.protobuf.ByteString;
import dev.loupe.imaging.Heatmap;
import dev.loupe.imaging.ImageDecoder;
import dev.loupe.imaging.Pixels;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.inference.runtime.ModelLease;
import dev.loupe.inference.runtime.PredictionPool;
import dev.loupe.inference.serve.ModelInput.Decoded;
import dev.loupe.inference.serve.ModelInput.Halves;
import dev.loupe.inference.serve.ModelInput.Images;
import dev.loupe.inference.serve.ModelInput.Prepared;
import dev.loupe.model.AnomalyPrediction;
import dev.loupe.model.Prediction;
import dev.loupe.model.RangeWarning;
import dev.loupe.model.onnx.NonFiniteOutputException;
import dev.loupe.service.database.Ids;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.util.List;
import java.util.UUID;

/**
 * The predictions of one request, with their times.
 *
 * @param ids ids of the predictions, in order
 * @param predictions one prediction for each image, in order; of a detector at the threshold of the lease
 * @param calibrated calibrated scores of a detector, in order; null for a classifier, and without DEV scores in the
 *     package
 * @param warnings warnings of each image, in order; an empty list for an image without any
 * @param preprocessingNanos time from encoded images to the model's input
 * @param inferenceNanos time within the model
 */
record Inference(
        List<UUID> ids,
        List<Prediction> predictions,
        float[] calibrated,
        List<List<RangeWarning>> warnings,
        long preprocessingNanos,
        long inferenceNanos) {

    /**
     * Predicts with the version of the lease. Runs on the calling thread, which must be one of {@link PredictionPool}.
     *
     * @throws ServiceException if an image is rejected, or an output of the model is not finite; names the image
     */
    static Inference of(ModelLease lease, ModelInput input) {
        long begin = System.nanoTime();
        float[] nchw =
                switch (input) {
                    case Prepared prepared -> prepared.nchw();
                    case Images images ->
                        prepare(images.encoded(), lease.manifest().preprocessing());
                    case Halves halves -> TensorBytes.halves(halves.nchw());
                    case Decoded decoded -> prepare(decoded, lease.manifest().preprocessing());
                };
        PredictionPool.throwIfCancelled();
        List<List<RangeWarning>> warnings = RangeCheck.warnings(lease.manifest(), input, nchw);
        long prepared = System.nanoTime();
        List<Prediction> predictions = predict(lease, nchw, input.count());
        return new Inference(
                predictions.stream().map(_ -> Ids.next()).toList(),
                predictions,
                calibrated(lease, predictions),
                warnings,
                prepared - begin,
                System.nanoTime() - prepared);
    }

    /** As {@link dev.loupe.model.Predictor#predict}, but an error names the image. */
    private static float[] prepare(List<ByteString> encoded, Preprocessing preprocessing) {
        float[] nchw = new float[Math.multiplyExact(encoded.size(), preprocessing.size())];
        for (int i = 0; i < encoded.size(); i++) {
            PredictionPool.throwIfCancelled();
            try {
                float[] one = preprocessing.apply(encoded.get(i).toByteArray());
                System.arraycopy(one, 0, nchw, i * one.length, one.length);
            } catch (RuntimeException e) {
                throw ImageErrors.ofImage(i, e);
            }
        }
        return nchw;
    }

    private static float[] prepare(Decoded images, Preprocessing preprocessing) {
        float[] nchw = new float[Math.multiplyExact(images.count(), preprocessing.size())];
        for (int i = 0; i < images.count(); i++) {
            PredictionPool.throwIfCancelled();
            float[] one = preprocessing.apply(images.image(i));
            System.arraycopy(one, 0, nchw, i * one.length, one.length);
        }
        return nchw;
    }

    private static List<Prediction> predict(ModelLease lease, float[] nchw, int count) {
        try {
            return lease.predictor().predictTensor(nchw, count).stream()
                    .map(prediction -> prediction instanceof AnomalyPrediction anomaly
                            ? anomaly.at(lease.threshold().value())
                            : prediction)
                    .toList();
        } catch (NonFiniteOutputException e) {
            throw new ServiceException(
                    ErrorCode.PREDICTION_NOT_FINITE,
                    "version %d: %s".formatted(lease.version().number(), e.getMessage()),
                    e);
        }
    }

    private static float[] calibrated(ModelLease lease, List<Prediction> predictions) {
        if (lease.calibration() == null) {
            return null;
        }
        float[] scores = new float[predictions.size()];
        for (int i = 0; i < scores.length; i++) {
            AnomalyPrediction prediction = (AnomalyPrediction) predictions.get(i);
            scores[i] = lease.calibration().calibrate(prediction.score(), prediction.threshold());
        }
        return scores;
    }

    /** Draws the map of an anomaly prediction over its image, as PNG. */
    static byte[] heatmap(byte[] image, AnomalyPrediction prediction) {
        Pixels decoded = ImageDecoder.decode(image, Heatmap.DEFAULT_LONGEST_SIDE);
        return Heatmap.png(
                decoded, prediction.map(), prediction.mapWidth(), prediction.mapHeight(), prediction.threshold());
    }
}
