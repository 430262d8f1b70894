package dev.loupe.inference.serve;

import com.google.protobuf.ByteString;
import dev.loupe.imaging.Heatmap;
import dev.loupe.imaging.ImageDecoder;
import dev.loupe.imaging.InputGeometry;
import dev.loupe.imaging.Pixels;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.inference.runtime.BatchWork;
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
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import java.text.Normalizer;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The predictions of one request, with their times.
 *
 * @param ids ids of the predictions, in order
 * @param predictions one prediction for each image, in order; of a detector at the threshold of the lease
 * @param calibrated calibrated scores of a detector, in order; null for a classifier, and without DEV scores in the
 *     package
 * @param warnings warnings of each image, in order; an empty list for an image without any
 * @param product product that the request names, null if it names none
 * @param preprocessingNanos time from encoded images to the model's input
 * @param inferenceNanos time within the model; of all images that were computed together
 * @param batch images that were computed together; 0 if another request counts them
 */
record Inference(
        List<UUID> ids,
        List<Prediction> predictions,
        float[] calibrated,
        List<List<RangeWarning>> warnings,
        String product,
        long preprocessingNanos,
        long inferenceNanos,
        int batch) {
    /** Longest name of a product: that of a label. */
    private static final int MAX_PRODUCT = 100;

    private static final Pattern SPACES = Pattern.compile("\\p{Zs}");

    /**
     * Predicts with the version of the lease on the calling thread.
     *
     * @param product product that the images show, null or empty if it is not known; ignored by a version that does not
     *     tell products apart
     * @throws ServiceException if an image is rejected, or an output of the model is not finite, which names the image; or
     *     if the version does not know the product
     */
    static Inference of(ModelLease lease, ModelInput input, String product) {
        Work work = new Work(lease, input, product);
        float[] nchw = work.prepare();
        long begin = System.nanoTime();
        List<Prediction> predictions = finite(
                lease, () -> lease.predictor().predictTensor(nchw, Collections.nCopies(input.count(), work.product())));
        return work.of(predictions, System.nanoTime() - begin, input.count());
    }

    /** The prediction for one request, in steps that run one after another on a thread of {@link PredictionPool}. */
    static final class Work {
        private final ModelLease lease;
        private final ModelInput input;
        private final String product;
        private long preprocessingNanos;
        private List<List<RangeWarning>> warnings;

        /** @throws ServiceException if the version does not know the product, or its name is too long */
        Work(ModelLease lease, ModelInput input, String product) {
            this.lease = lease;
            this.input = input;
            this.product = Inference.product(lease, product);
        }

        /** The product as the version knows it; null if the request names none, or the version knows none. */
        String product() {
            return product;
        }

        /** Prepares the images. */
        float[] prepare() {
            long begin = System.nanoTime();
            float[] nchw =
                    switch (input) {
                        case Prepared prepared -> prepared.nchw();
                        case Images images ->
                            Inference.prepare(images.encoded(), lease.manifest().preprocessing());
                        case Halves halves -> TensorBytes.halves(halves.nchw());
                        case Decoded decoded ->
                            Inference.prepare(decoded, lease.manifest().preprocessing());
                    };
            PredictionPool.throwIfCancelled();
            warnings = RangeCheck.warnings(lease.manifest(), input, nchw);
            preprocessingNanos = System.nanoTime() - begin;
            return nchw;
        }

        /** The result after the model has computed. */
        Inference of(BatchWork.Outputs outputs) {
            return of(finite(lease, outputs::predictions), outputs.nanos(), outputs.batch());
        }

        private Inference of(List<Prediction> computed, long nanos, int batch) {
            List<Prediction> predictions = computed.stream()
                    .map(prediction -> prediction instanceof AnomalyPrediction anomaly
                            ? anomaly.at(lease.threshold().value())
                            : prediction)
                    .toList();
            return new Inference(
                    predictions.stream().map(_ -> Ids.next()).toList(),
                    predictions,
                    calibrated(lease, predictions),
                    warnings,
                    product,
                    preprocessingNanos,
                    nanos,
                    batch);
        }
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

    /** As names of products are stored: composed characters, plain spaces, none around. */
    private static String product(ModelLease lease, String named) {
        if (named == null || lease.predictor().products().isEmpty()) {
            return null;
        }
        if (named.length() > 2 * MAX_PRODUCT) {
            throw TensorBytes.refused(
                    "product: expected at most %d characters, got %d".formatted(MAX_PRODUCT, named.length()));
        }
        String product = SPACES.matcher(Normalizer.normalize(named, Normalizer.Form.NFC))
                .replaceAll(" ")
                .strip();
        if (product.isEmpty()) {
            return null;
        }
        if (!lease.predictor().products().contains(product)) {
            throw TensorBytes.refused("product %s: expected one of %s"
                    .formatted(
                            QuotedInput.of(product),
                            String.join(", ", lease.predictor().products())));
        }
        return product;
    }

    private static List<Prediction> finite(ModelLease lease, Supplier<List<Prediction>> predictions) {
        try {
            return predictions.get();
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
    static byte[] heatmap(byte[] image, AnomalyPrediction prediction, ModelLease lease) {
        Pixels decoded = ImageDecoder.decode(image, Heatmap.DEFAULT_LONGEST_SIDE);
        InputGeometry geometry = lease.predictor().preprocessing().geometry(decoded.width(), decoded.height());
        return Heatmap.png(
                decoded,
                prediction.map(geometry),
                prediction.threshold(),
                Heatmap.DEFAULT_LONGEST_SIDE,
                prediction.score());
    }
}
