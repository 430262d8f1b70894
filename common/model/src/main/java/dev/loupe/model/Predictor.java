package dev.loupe.model;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.loupe.contracts.Task;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.ModelManifest.Output;
import dev.loupe.model.ModelManifest.ParitySample;
import dev.loupe.model.onnx.InvalidOnnxException;
import dev.loupe.model.onnx.NonFiniteOutputException;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.onnx.OnnxSession.Tensor;
import dev.loupe.model.onnx.OnnxSession.WorkingMemory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A loaded model that predicts images. Trainers evaluate a model and replicas serve it with this class, so that both
 * compute the same scores. Thread-safe; each call computes on the calling thread. The prediction for an image does not
 * depend on the other images of its batch.
 */
public final class Predictor implements AutoCloseable {
    /** A classifier's output {@code [n, labels]}. */
    public static final String PROBABILITIES = "probabilities";
    /** An anomaly detector's output {@code [n]}. */
    public static final String ANOMALY_SCORE = "anomaly_score";
    /** An anomaly detector's output {@code [n, height, width]}. */
    public static final String ANOMALY_MAP = "anomaly_map";
    /** Output {@code [n]} of a detector for several products: the number of the product whose memory is nearest. */
    public static final String NEAREST_PRODUCT = "nearest_product";
    /** Key of a parity sample: the largest value of the map. */
    static final String ANOMALY_MAP_MAX = "anomaly_map_max";
    /** Largest difference of a parity sample's output, absolute for values of up to 1 and relative for larger ones. */
    public static final double PARITY_TOLERANCE = 1e-3;

    private final Packaged packaged;
    private final Task task;
    private final Preprocessing preprocessing;
    private final List<String> labels;
    private final Threshold threshold;
    private final OnnxSession session;
    private final List<String> products;

    /** The package of a model, and which of its models it is. */
    private record Packaged(ModelPackage source, Precision precision) {
        Path onnx() {
            return source.folder()
                    .resolve(
                            switch (precision) {
                                case FP32 -> ModelPackage.MODEL;
                                case INT8 -> source.manifest().quantization().file();
                            });
        }

        List<ParitySample> samples() {
            return switch (precision) {
                case FP32 -> source.manifest().paritySamples();
                case INT8 -> source.manifest().quantization().paritySamples();
            };
        }

        double tolerance() {
            return switch (precision) {
                case FP32 -> PARITY_TOLERANCE;
                case INT8 -> source.manifest().quantization().parityTolerance();
            };
        }
    }

    /**
     * Loads a model that is not packaged yet.
     *
     * @param threshold null for a classifier; for an anomaly detector any value while the threshold is not chosen yet
     * @param threads number of threads that one call may use, at least 1
     * @throws InvalidOnnxException if ONNX Runtime cannot load it
     */
    public Predictor(
            byte[] onnx,
            Task task,
            Preprocessing preprocessing,
            List<String> labels,
            Threshold threshold,
            int threads) {
        this(null, new OnnxSession(onnx, threads), task, preprocessing, labels, threshold);
    }

    private Predictor(
            Packaged packaged,
            OnnxSession session,
            Task task,
            Preprocessing preprocessing,
            List<String> labels,
            Threshold threshold) {
        this.packaged = packaged;
        this.task = task;
        this.preprocessing = preprocessing;
        this.labels = List.copyOf(labels);
        this.threshold = threshold;
        this.session = session;
        this.products = session.hasProducts() ? products(session) : List.of();
    }

    private static List<String> products(OnnxSession session) {
        String text = session.metadata().get(OnnxSession.PRODUCTS);
        try {
            String[] names = JsonMapper.builder().build().readValue(text, String[].class);
            if (names != null
                    && names.length > 0
                    && Arrays.stream(names).filter(Objects::nonNull).distinct().count() == names.length) {
                return List.of(names);
            }
        } catch (JacksonException e) {
            session.close();
            throw new InvalidOnnxException("the products of the model cannot be read: " + e.getMessage(), e);
        }
        session.close();
        throw new InvalidOnnxException("expected the names of the model's products, got " + text);
    }

    /**
     * Loads a packaged model, with one thread per call.
     *
     * @throws InvalidOnnxException if ONNX Runtime cannot load it
     */
    public static Predictor open(ModelPackage source) {
        return open(source, 1);
    }

    /**
     * Loads a packaged model.
     *
     * @param threads number of threads that one call may use, at least 1
     * @throws InvalidOnnxException if ONNX Runtime cannot load it
     */
    public static Predictor open(ModelPackage source, int threads) {
        return open(source, Precision.FP32, threads);
    }

    /**
     * Loads one of the models of a package.
     *
     * @param threads number of threads that one call may use, at least 1
     * @throws IllegalArgumentException if the package has no model of this precision
     * @throws InvalidOnnxException if ONNX Runtime cannot load it
     */
    public static Predictor open(ModelPackage source, Precision precision, int threads) {
        return open(source, precision, threads, WorkingMemory.KEPT);
    }

    /**
     * Loads one of the models of a package.
     *
     * @param threads number of threads that one call may use, at least 1
     * @param memory what becomes of the memory for intermediate values after a call
     * @throws IllegalArgumentException if the package has no model of this precision
     * @throws InvalidOnnxException if ONNX Runtime cannot load it
     */
    public static Predictor open(ModelPackage source, Precision precision, int threads, WorkingMemory memory) {
        ModelManifest manifest = source.manifest();
        if (!manifest.has(precision)) {
            throw new IllegalArgumentException(
                    "model package: expected a model of precision " + precision + ", got one with fp32 alone");
        }
        Packaged packaged = new Packaged(source, precision);
        return new Predictor(
                packaged,
                new OnnxSession(packaged.onnx(), threads, memory),
                manifest.task(),
                manifest.preprocessing(),
                manifest.labels(),
                manifest.threshold());
    }

    /** The numbers that the model computes with; fp32 for one that is not packaged. */
    public Precision precision() {
        return packaged == null ? Precision.FP32 : packaged.precision();
    }

    public Task task() {
        return task;
    }

    public Preprocessing preprocessing() {
        return preprocessing;
    }

    public List<String> labels() {
        return labels;
    }

    /** Products that a detector tells apart, by number; empty for one that does not, and for a classifier. */
    public List<String> products() {
        return products;
    }

    private float[] productNumbers(List<String> shown) {
        float[] numbers = new float[shown.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = productNumber(shown.get(i));
        }
        return numbers;
    }

    /**
     * The number of a product.
     *
     * @param product null or empty if it is not known
     * @throws UnknownProductException if the model tells products apart, and does not know this one
     */
    private float productNumber(String product) {
        if (product == null || product.isEmpty()) {
            return OnnxSession.NEAREST;
        }
        int number = products.indexOf(product);
        if (number < 0) {
            throw new UnknownProductException(product, products);
        }
        return number;
    }

    /**
     * Predicts encoded images.
     *
     * @throws dev.loupe.imaging.UnsupportedImageException if the format of an image is not supported
     * @throws dev.loupe.imaging.DamagedImageException if an image cannot be decoded
     */
    public List<Prediction> predict(List<byte[]> encoded) {
        return predict(encoded, null);
    }

    /**
     * As {@link #predict(List)}, with the product that the images show.
     *
     * @param product null if it is not known: each image is compared with the product that it is nearest to; ignored by a
     *     model that does not tell products apart
     * @throws UnknownProductException if the model tells products apart, and does not know this one
     */
    public List<Prediction> predict(List<byte[]> encoded, String product) {
        float[] inputs = new float[Math.multiplyExact(encoded.size(), preprocessing.size())];
        for (int i = 0; i < encoded.size(); i++) {
            float[] input = preprocessing.apply(encoded.get(i));
            System.arraycopy(input, 0, inputs, i * input.length, input.length);
        }
        return predictTensor(inputs, Collections.nCopies(encoded.size(), product));
    }

    /**
     * Predicts prepared images.
     *
     * @param nchw {@code [n, 3, height, width]}, row-major, as created by {@link Preprocessing#apply}
     * @param n number of images
     * @throws IllegalArgumentException if the number of values does not match that shape
     * @throws NonFiniteOutputException if the model outputs NaN or infinity for an image: such a value would compare as
     *     normal and as the first label, so it must not become a prediction
     */
    public List<Prediction> predictTensor(float[] nchw, int n) {
        return predictTensor(nchw, n, Collections.nCopies(Math.max(0, n), null));
    }

    /**
     * As {@link #predictTensor(float[], int)}, with the product that each image shows.
     *
     * @param shown one for each image, as in {@link #predict(List, String)}
     * @throws UnknownProductException as {@link #predict(List, String)}
     */
    public List<Prediction> predictTensor(float[] nchw, List<String> shown) {
        return predictTensor(nchw, shown.size(), shown);
    }

    private List<Prediction> predictTensor(float[] nchw, int n, List<String> shown) {
        if (n < 0 || nchw.length != (long) n * preprocessing.size()) {
            throw new IllegalArgumentException("expected [" + n + ", 3, " + preprocessing.height() + ", "
                    + preprocessing.width() + "] with " + (long) n * preprocessing.size() + " values, got "
                    + nchw.length);
        }
        if (n == 0) {
            return List.of();
        }
        long[] shape = {n, 3, preprocessing.height(), preprocessing.width()};
        List<String> names =
                switch (task) {
                    case CLASSIFICATION -> List.of(PROBABILITIES);
                    case ANOMALY_DETECTION ->
                        products.isEmpty()
                                ? List.of(ANOMALY_SCORE, ANOMALY_MAP)
                                : List.of(ANOMALY_SCORE, ANOMALY_MAP, NEAREST_PRODUCT);
                };
        float[] numbers = products.isEmpty() ? null : productNumbers(shown);
        List<Tensor> outputs = session.run(nchw, shape, numbers, names);
        requireFinite(names, outputs, n);
        return switch (task) {
            case CLASSIFICATION -> classes(outputs, n);
            case ANOMALY_DETECTION -> anomalies(outputs, n, numbers);
        };
    }

    private static void requireFinite(List<String> names, List<Tensor> outputs, int n) {
        SortedMap<Integer, String> failures = new TreeMap<>();
        for (int output = 0; output < names.size(); output++) {
            float[] values = outputs.get(output).values();
            int size = values.length / n;
            for (int i = 0; i < values.length; i++) {
                if (!Float.isFinite(values[i])) {
                    failures.putIfAbsent(i / size, "%s for '%s'".formatted(values[i], names.get(output)));
                }
            }
        }
        if (!failures.isEmpty()) {
            int first = failures.firstKey();
            throw new NonFiniteOutputException(
                    "image %d: the model outputs %s, expected finite values".formatted(first, failures.get(first)),
                    List.copyOf(failures.keySet()));
        }
    }

    private List<Prediction> classes(List<Tensor> outputs, int n) {
        float[] probabilities = outputs.getFirst().values();
        int k = labels.size();
        List<Prediction> predictions = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            predictions.add(new ClassPrediction(labels, Arrays.copyOfRange(probabilities, i * k, (i + 1) * k)));
        }
        return predictions;
    }

    /** @param numbers number of the product of each image, negative if it is not known; null without products */
    private List<Prediction> anomalies(List<Tensor> outputs, int n, float[] numbers) {
        float[] scores = outputs.getFirst().values();
        Tensor maps = outputs.get(1);
        int height = (int) maps.shape()[1];
        int width = (int) maps.shape()[2];
        int size = height * width;
        List<Prediction> predictions = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            float[] map = Arrays.copyOfRange(maps.values(), i * size, (i + 1) * size);
            String nearest = products.isEmpty()
                    ? null
                    : products.get((int) outputs.get(2).values()[i]);
            String used = numbers == null || numbers[i] < 0 ? nearest : products.get((int) numbers[i]);
            predictions.add(new AnomalyPrediction(scores[i], threshold.value(), width, height, map, used, nearest));
        }
        return predictions;
    }

    /** Returns the values of a prediction that a parity sample contains. */
    public static Map<String, float[]> parityValues(Prediction prediction) {
        return switch (prediction) {
            case ClassPrediction classes -> Map.of(PROBABILITIES, classes.probabilities());
            case AnomalyPrediction anomaly -> {
                float largest = 0;
                for (float value : anomaly.map()) {
                    largest = Math.max(largest, value);
                }
                yield Map.of(ANOMALY_SCORE, new float[] {anomaly.score()}, ANOMALY_MAP_MAX, new float[] {largest});
            }
        };
    }

    /**
     * Reproduces the parity samples of the package on this machine.
     *
     * @throws ParityException if an output differs by more than {@link #PARITY_TOLERANCE}, or for 8-bit integers by more
     *     than the tolerance of the manifest
     * @throws IllegalStateException if the model was not opened from a package
     */
    public void verifyParity() {
        if (packaged == null) {
            throw new IllegalStateException("parity samples require a model that was opened from a package");
        }
        for (ParitySample sample : packaged.samples()) {
            Map<String, float[]> actual = parityValues(sample);
            sample.expected()
                    .forEach((output, expected) -> compare(sample.file(), output, expected, actual.get(output)));
        }
    }

    private Map<String, float[]> parityValues(ParitySample sample) {
        try {
            return parityValues(predict(List.of(packaged.source().read(sample.file())), sample.product())
                    .getFirst());
        } catch (NonFiniteOutputException e) {
            throw new ParityException("parity sample " + sample.file() + ": " + e.getMessage());
        }
    }

    private void compare(String file, String output, float[] expected, float[] actual) {
        if (actual == null || actual.length != expected.length) {
            throw new ParityException("parity sample " + file + ": expected " + expected.length + " values of '"
                    + output + "', got " + (actual == null ? 0 : actual.length));
        }
        for (int i = 0; i < expected.length; i++) {
            // Written as a negation so that NaN fails.
            if (!(Math.abs(actual[i] - expected[i]) <= packaged.tolerance() * Math.max(1, Math.abs(expected[i])))) {
                throw new ParityException("parity sample " + file + ": " + output + "[" + i + "] is " + actual[i]
                        + " on this machine, expected " + expected[i]);
            }
        }
    }

    /** Describes the outputs of a model of this task, for its manifest. */
    public static List<Output> outputs(Task task, List<String> labels, Preprocessing preprocessing) {
        return switch (task) {
            case CLASSIFICATION ->
                List.of(new Output(
                        PROBABILITIES, List.of(-1, labels.size()), "probability of each label; the sum is 1"));
            case ANOMALY_DETECTION ->
                List.of(
                        new Output(
                                ANOMALY_SCORE,
                                List.of(-1),
                                "distance from normal; the image is anomalous if it is at least the threshold"),
                        new Output(
                                ANOMALY_MAP,
                                List.of(-1, preprocessing.height(), preprocessing.width()),
                                "distance from normal of each place of the input"));
        };
    }

    @Override
    public void close() {
        session.close();
    }
}
