package dev.loupe.model.backbone;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import dev.loupe.imaging.Pixels;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.backbone.Backbone.FeatureMap;
import dev.loupe.model.backbone.Backbone.PooledFeatures;
import dev.loupe.model.onnx.InvalidOnnxException;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.onnx.OnnxSession.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Results of a trial run of a model: declared shapes are often missing or wrong, so the shapes are computed. */
record BackboneProbe(int width, int height, List<FeatureMap> featureMaps, PooledFeatures pooled) {
    /** Number of images in the trial batch: two, so that the batch dimension can be recognized. */
    private static final int BATCH = 2;
    /**
     * Maximum difference of an output between an image alone and in a batch, relative to the output's largest value.
     */
    private static final double BATCH_TOLERANCE = 1e-3;

    private static final List<String> POOLED_NAMES = List.of("pool", "feat", "embed");

    /**
     * Runs the model on noise and on a black and a white image, preprocessed like real images: a division by the
     * standard deviation of an image is detected only on images without contrast.
     */
    static BackboneProbe run(OnnxSession session, float scale, float[] mean, float[] std) {
        long[] shape = inputShape(session.input());
        int height = side(shape[2]);
        int width = side(shape[3]);
        Preprocessing preprocessing = new Preprocessing(width, height, scale, mean, std);
        float[] noise = preprocessing.apply(noise(width, height));
        float[] batch = Arrays.copyOf(noise, BATCH * noise.length);
        System.arraycopy(preprocessing.apply(plain(width, height, 0)), 0, batch, noise.length, noise.length);
        List<String> names = floatOutputs(session);
        long[] single = {1, 3, height, width};
        List<Tensor> outputs = trial(session, batch, new long[] {BATCH, 3, height, width}, names);
        List<Tensor> alone = trial(session, noise, single, names);
        List<Tensor> white = trial(session, preprocessing.apply(plain(width, height, 255)), single, names);

        List<FeatureMap> maps = new ArrayList<>();
        List<PooledFeatures> vectors = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            long[] out = outputs.get(i).shape();
            if (out.length < 2 || out[0] != BATCH) {
                continue;
            }
            requireFinite(names.get(i), outputs.get(i), "noise and a black image");
            requireFinite(names.get(i), white.get(i), "a white image");
            check(names.get(i), outputs.get(i), alone.get(i));
            if (out.length == 4 && out[2] > 1 && out[3] > 1) {
                int stride = (int) Math.max(1, Math.round((double) width / out[3]));
                maps.add(new FeatureMap(names.get(i), (int) out[1], (int) out[2], (int) out[3], stride));
            } else if (out.length == 2 && out[1] > 1) {
                vectors.add(new PooledFeatures(names.get(i), (int) out[1]));
            }
        }
        if (maps.isEmpty() && vectors.isEmpty()) {
            throw new InvalidOnnxException(
                    "no output is a feature map [n, c, h, w] or a vector [n, c]; the outputs are " + names);
        }
        maps.sort(Comparator.comparingInt(FeatureMap::stride));
        return new BackboneProbe(width, height, maps, pooled(vectors));
    }

    private static long[] inputShape(NodeInfo input) {
        if (!(input.getInfo() instanceof TensorInfo tensor) || tensor.type != OnnxJavaType.FLOAT) {
            throw new InvalidOnnxException(
                    "the input '" + input.getName() + "' must be a float tensor, it is " + input.getInfo());
        }
        long[] shape = tensor.getShape();
        if (shape.length != 4 || (shape[1] != 3 && shape[1] != -1)) {
            throw new InvalidOnnxException("the input '" + input.getName() + "' must be [n, 3, height, width], it is "
                    + Arrays.toString(shape));
        }
        if (shape[0] != -1) {
            throw new InvalidOnnxException("the input '" + input.getName() + "' has the fixed batch size " + shape[0]
                    + ": export the model with a dynamic batch dimension");
        }
        return shape;
    }

    private static int side(long declared) {
        if (declared > 4096 || declared == 0) {
            throw new InvalidOnnxException("a side of the input is " + declared + " pixels, expected 1..4096");
        }
        return declared < 0 ? Backbone.DEFAULT_SIDE : (int) declared;
    }

    private static List<String> floatOutputs(OnnxSession session) {
        return session.outputs().entrySet().stream()
                .filter(entry ->
                        entry.getValue().getInfo() instanceof TensorInfo tensor && tensor.type == OnnxJavaType.FLOAT)
                .map(java.util.Map.Entry::getKey)
                .toList();
    }

    private static List<Tensor> trial(OnnxSession session, float[] images, long[] shape, List<String> names) {
        if (names.isEmpty()) {
            throw new InvalidOnnxException("the model has no float output");
        }
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

    private static void check(String name, Tensor batch, Tensor alone) {
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < batch.values().length; i++) {
            largest = Math.max(largest, Math.abs(batch.values()[i]));
            if (i < alone.values().length) {
                difference = Math.max(difference, Math.abs(batch.values()[i] - alone.values()[i]));
            }
        }
        // The most common cause is batch normalization in training mode.
        if (difference > BATCH_TOLERANCE * largest) {
            throw new InvalidOnnxException("output '" + name + "' of an image depends on the other images of its"
                    + " batch: export the model in inference mode");
        }
    }

    /** Returns the vector whose name indicates pooling, else the first one: the logits of classifiers come last. */
    private static PooledFeatures pooled(List<PooledFeatures> vectors) {
        return vectors.stream()
                .filter(vector -> POOLED_NAMES.stream().anyMatch(vector.output().toLowerCase(Locale.ROOT)::contains))
                .findFirst()
                .orElse(vectors.isEmpty() ? null : vectors.getFirst());
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
