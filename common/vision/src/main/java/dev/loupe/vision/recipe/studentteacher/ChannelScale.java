package dev.loupe.vision.recipe.studentteacher;

import dev.loupe.model.onnx.OnnxGraph;
import java.util.List;

/**
 * Scales channels to mean 0 and variance 1 over the places of all TRAIN images.
 *
 * @param mean {@code [channels]}
 * @param factor {@code [channels]} what the difference from the mean is multiplied by
 */
record ChannelScale(float[] mean, float[] factor) {

    /**
     * Measures images.
     *
     * @param images images, each [channels, places]
     * @param least least standard deviation: a channel that never changes is not scaled up
     */
    static ChannelScale of(List<float[]> images, int channels, double least) {
        float[] mean = new float[channels];
        float[] factor = new float[channels];
        int places = images.getFirst().length / channels;
        for (int channel = 0; channel < channels; channel++) {
            double sum = 0;
            for (float[] image : images) {
                for (int i = channel * places; i < (channel + 1) * places; i++) {
                    sum += image[i];
                }
            }
            double centre = sum / places / images.size();
            double squares = 0;
            for (float[] image : images) {
                for (int i = channel * places; i < (channel + 1) * places; i++) {
                    squares += (image[i] - centre) * (image[i] - centre);
                }
            }
            mean[channel] = (float) centre;
            double deviation = Math.sqrt(squares / places / images.size());
            factor[channel] = deviation < least ? 1 : (float) (1 / deviation);
        }
        return new ChannelScale(mean, factor);
    }

    /** Scales images in place, and returns them. */
    List<float[]> apply(List<float[]> images) {
        for (float[] image : images) {
            int places = image.length / mean.length;
            for (int i = 0; i < image.length; i++) {
                image[i] = (image[i] - mean[i / places]) * factor[i / places];
            }
        }
        return images;
    }

    /** Appends the scaling to a graph: [n, channels, places]. */
    String appendTo(OnnxGraph graph, String features) {
        String centred = graph.node("Sub", List.of(features, graph.floats("channel_means", mean, mean.length, 1)));
        return graph.node("Mul", List.of(centred, graph.floats("channel_factors", factor, factor.length, 1)));
    }
}
