package dev.loupe.inference.runtime;

import dev.loupe.model.Prediction;
import java.util.List;

/**
 * The prediction for one request, in steps: a thread can take the middle one for several requests at a time. All run on a
 * thread of {@link PredictionPool}, in the context of the call.
 *
 * @param <T> answer
 */
public interface BatchWork<T> {
    /** The version that predicts, open until the answer is made. */
    ModelLease lease();

    /** Number of images. */
    int images();

    /** Product that the images show, null or empty if it is not known. */
    default String product() {
        return null;
    }

    /** Returns {@code [images, 3, height, width]}, the input of the model. */
    float[] prepare();

    /** Makes the answer. */
    T answer(Outputs outputs);

    /** What the model has computed for the images of one request. */
    interface Outputs {
        /**
         * One prediction for each image, in order.
         *
         * @throws dev.loupe.model.onnx.NonFiniteOutputException if an output of one of them is not finite
         */
        List<Prediction> predictions();

        /** Time within the model, for all that was computed together. */
        long nanos();

        /** Images that were computed together, of this and of other requests; 0 if another one of them counts them. */
        int batch();
    }
}
