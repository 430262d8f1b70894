package dev.loupe.inference.serve;

import com.google.protobuf.ByteString;
import java.util.List;

/** What a request gives a model to look at. */
sealed interface ModelInput {
    /** How many pictures. */
    int count();

    /** Encoded pictures. */
    record Pictures(List<ByteString> encoded) implements ModelInput {
        public Pictures {
            encoded = List.copyOf(encoded);
        }

        @Override
        public int count() {
            return encoded.size();
        }
    }

    /**
     * Prepared pictures, as the model file takes them.
     *
     * @param nchw {@code [count, 3, height, width]}, row-major, all finite
     */
    record Prepared(float[] nchw, int count) implements ModelInput {}
}
