package dev.loupe.inference.serve;

import com.google.protobuf.ByteString;
import java.util.List;

/** The images of a request. */
sealed interface ModelInput {
    /** The number of images. */
    int count();

    /** Encoded images. */
    record Images(List<ByteString> encoded) implements ModelInput {
        public Images {
            encoded = List.copyOf(encoded);
        }

        @Override
        public int count() {
            return encoded.size();
        }
    }

    /**
     * Preprocessed images, as the model file expects them.
     *
     * @param nchw {@code [count, 3, height, width]}, row-major, all finite
     */
    record Prepared(float[] nchw, int count) implements ModelInput {}
}
