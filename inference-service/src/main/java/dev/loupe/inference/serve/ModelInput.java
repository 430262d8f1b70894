package dev.loupe.inference.serve;

import com.google.protobuf.ByteString;
import java.util.List;

/** What a request gives a model to look at. */
sealed interface ModelInput {
    /** How many images. */
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
     * Prepared images, as the model file takes them.
     *
     * @param nchw {@code [count, 3, height, width]}, row-major, all finite
     */
    record Prepared(float[] nchw, int count) implements ModelInput {}
}
