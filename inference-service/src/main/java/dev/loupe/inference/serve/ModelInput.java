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
     * Decoded images of one size. Each is copied only when it is prepared.
     *
     * @param rgb {@code [count, height, width, 3]}, or {@code [count, 3, height, width]} if planar; row-major, R, G, B
     *     of 0..255
     */
    record Decoded(ByteString rgb, boolean planar, int count, int width, int height) implements ModelInput {
        /** The image with this index. */
        Pixels image(int index) {
            int size = 3 * width * height;
            ByteString image = rgb.substring(index * size, (index + 1) * size);
            return new Pixels(width, height, planar ? TensorBytes.interleaved(image) : image.toByteArray());
        }
    }

    /**
     * As {@link Prepared}, in half precision.
     *
     * @param nchw FP16, little-endian, all finite
     */
    record Halves(ByteString nchw, int count) implements ModelInput {}

    /**
     * Preprocessed images, as the model file expects them.
     *
     * @param nchw {@code [count, 3, height, width]}, row-major, all finite
     */
    record Prepared(float[] nchw, int count) implements ModelInput {}
}
