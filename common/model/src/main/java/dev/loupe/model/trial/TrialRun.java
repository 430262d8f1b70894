package dev.loupe.model.trial;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import dev.loupe.imaging.Pixels;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.onnx.InvalidOnnxException;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.onnx.OnnxSession.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Outputs of a network for noise and for a black and a white image, preprocessed like real images: a division by the
 * standard deviation of an image is detected only on images without contrast.
 *
 * @param names the outputs that are floats
 * @param batch their values for a batch of two images, noise and black: two, so that the batch dimension can be recognized
 * @param noise their values for the noise alone
 * @param white their values for the white image
 */
public record TrialRun(List<String> names, List<Tensor> batch, List<Tensor> noise, List<Tensor> white) {
    /** Number of images in the batch. */
    public static final int BATCH = 2;

    private static final int LONGEST_SIDE = 4096;
    /**
     * Maximum difference of an output between an image alone and in a batch, relative to the output's largest value.
     */
    private static final double BATCH_TOLERANCE = 1e-3;

    /**
     * Runs a network.
     *
     * @param layout order of the dimensions of its input
     * @throws InvalidOnnxException if it has no float output, or does not run
     */
    public static TrialRun of(OnnxSession session, Preprocessing preprocessing, InputLayout layout) {
        List<String> names = floatOutputs(session);
        int width = preprocessing.width();
        int height = preprocessing.height();
        float[] noise = layout.arrange(preprocessing.apply(noise(width, height)), height, width);
        float[] black = layout.arrange(preprocessing.apply(plain(width, height, 0)), height, width);
        float[] white = layout.arrange(preprocessing.apply(plain(width, height, 255)), height, width);
        float[] batch = Arrays.copyOf(noise, BATCH * noise.length);
        System.arraycopy(black, 0, batch, noise.length, noise.length);
        return new TrialRun(
                names,
                run(session, batch, layout.shape(BATCH, height, width), names),
                run(session, noise, layout.shape(1, height, width), names),
                run(session, white, layout.shape(1, height, width), names));
    }

    /**
     * Returns the declared shape of a network's input, in which -1 is dynamic.
     *
     * @throws InvalidOnnxException if it is no batch of images of floats, or the size of the batch is fixed
     */
    public static long[] inputShape(NodeInfo input) {
        if (!(input.getInfo() instanceof TensorInfo tensor) || tensor.type != OnnxJavaType.FLOAT) {
            throw new InvalidOnnxException(
                    "the input '" + input.getName() + "' must be a float tensor, it is " + input.getInfo());
        }
        long[] shape = tensor.getShape();
        if (shape.length == 4 && shape[0] != -1) {
            throw new InvalidOnnxException("the input '" + input.getName() + "' has the fixed batch size " + shape[0]
                    + ": export the model with a dynamic batch dimension");
        }
        return shape;
    }

    /** Returns the side of the input that the network declares, or the default if it is dynamic. */
    public static int side(long declared, int defaultSide) {
        if (declared > LONGEST_SIDE || declared == 0) {
            throw new InvalidOnnxException(
                    "a side of the input is " + declared + " pixels, expected 1.." + LONGEST_SIDE);
        }
        return declared < 0 ? defaultSide : (int) declared;
    }

    /**
     * Checks an output.
     *
     * @param i index of its name
     * @throws InvalidOnnxException if it is not finite, or that of an image depends on the other images of its batch
     */
    public void check(int i) {
        requireFinite(names.get(i), batch.get(i), "noise and a black image");
        requireFinite(names.get(i), white.get(i), "a white image");
        double largest = 0;
        double difference = 0;
        float[] together = batch.get(i).values();
        float[] alone = noise.get(i).values();
        for (int j = 0; j < together.length; j++) {
            largest = Math.max(largest, Math.abs(together[j]));
            if (j < alone.length) {
                difference = Math.max(difference, Math.abs(together[j] - alone[j]));
            }
        }
        // The most common cause is batch normalization in training mode.
        if (difference > BATCH_TOLERANCE * largest) {
            throw new InvalidOnnxException("output '" + names.get(i) + "' of an image depends on the other images of"
                    + " its batch: export the model in inference mode");
        }
    }

    private static List<String> floatOutputs(OnnxSession session) {
        List<String> names = session.outputs().entrySet().stream()
                .filter(entry ->
                        entry.getValue().getInfo() instanceof TensorInfo tensor && tensor.type == OnnxJavaType.FLOAT)
                .map(Map.Entry::getKey)
                .toList();
        if (names.isEmpty()) {
            throw new InvalidOnnxException("the model has no float output");
        }
        return names;
    }

    private static List<Tensor> run(OnnxSession session, float[] images, long[] shape, List<String> names) {
        try {
            return session.run(images, shape, names);
        } catch (IllegalStateException e) {
            throw new InvalidOnnxException(
                    "a trial run with the input " + Arrays.toString(shape) + " failed: " + e.getMessage(), e);
        }
    }

    private static void requireFinite(String name, Tensor output, String images) {
        for (float value : output.values()) {
            if (!Float.isFinite(value)) {
                throw new InvalidOnnxException(
                        "output '" + name + "' of a trial run on " + images + " is not finite: " + value);
            }
        }
    }

    private static Pixels noise(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        new Random(0).nextBytes(rgb);
        return new Pixels(width, height, rgb);
    }

    private static Pixels plain(int width, int height, int level) {
        byte[] rgb = new byte[3 * width * height];
        Arrays.fill(rgb, (byte) level);
        return new Pixels(width, height, rgb);
    }
}
