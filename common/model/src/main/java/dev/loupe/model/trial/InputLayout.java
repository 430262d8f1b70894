package dev.loupe.model.trial;

/** Order of the dimensions of a batch of images. */
public enum InputLayout {
    /** {@code [n, 3, height, width]}, as PyTorch and Loupe have it. */
    CHANNELS_FIRST,
    /** {@code [n, height, width, 3]}, as Keras and TensorFlow have it. */
    CHANNELS_LAST;

    long[] shape(int images, int height, int width) {
        return switch (this) {
            case CHANNELS_FIRST -> new long[] {images, 3, height, width};
            case CHANNELS_LAST -> new long[] {images, height, width, 3};
        };
    }

    /** Returns an image {@code [3, height, width]} in this order. */
    float[] arrange(float[] image, int height, int width) {
        if (this == CHANNELS_FIRST) {
            return image;
        }
        int places = height * width;
        float[] arranged = new float[image.length];
        for (int i = 0; i < image.length; i++) {
            arranged[i % places * 3 + i / places] = image[i];
        }
        return arranged;
    }
}
