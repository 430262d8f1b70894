package dev.loupe.inference.serve;

import com.google.protobuf.ByteString;
import dev.loupe.imaging.Pixels;
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
     * Decoded images of one size.
     *
     * @param rgb {@code [count, height, width, 3]}, row-major, R, G, B of 0..255
     */
    record Decoded(ByteString rgb, int count, int width, int height) implements ModelInput {
        /** The image with this index. */
        Pixels image(int index) {
            int size = 3 * width * height;
            return new Pixels(
                    width,
                    height,
                    rgb.substring(index * size, (index + 1) * size).toByteArray());
        }
    }

    /**
     * Preprocessed images, as the model file expects them.
     *
     * @param nchw {@code [count, 3, height, width]}, row-major, all finite
     */
    record Prepared(float[] nchw, int count) implements ModelInput {}
}
