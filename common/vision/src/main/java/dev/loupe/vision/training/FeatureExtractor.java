package dev.loupe.vision.training;

import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.onnx.ComputeDevice;
import dev.loupe.model.onnx.InsufficientMemoryException;
import dev.loupe.model.onnx.InvalidOnnxException;
import dev.loupe.model.onnx.NonFiniteOutputException;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.onnx.OnnxSession.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs a model over image files: decodes, preprocesses and computes on {@code threads} platform threads, each of which
 * runs the model on one core. At most two batches per thread are in memory at a time, regardless of the number of
 * files.
 *
 * <p>One extraction at a time; close it when done.
 */
public final class FeatureExtractor implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(FeatureExtractor.class.getName());
    /** Number of images in one run of the model: a larger batch is not faster on a core and takes more memory. */
    private static final int BATCH_ON_CPU = 4;
    /** The same on a GPU, which computes many images in the time of a few; fewer if they don't fit into its memory. */
    private static final int BATCH_ON_GPU = 64;

    private final OnnxSession session;
    private final Preprocessing preprocessing;
    private final List<String> outputs;
    private final int threads;
    private final ExecutorService workers;
    /** Largest batch that may fit into memory. */
    private final AtomicInteger largest =
            new AtomicInteger(ComputeDevice.current().onnxOnGpu() ? BATCH_ON_GPU : BATCH_ON_CPU);

    /** Receives the features of one image; called in the order of the images, always by the extracting thread. */
    @FunctionalInterface
    public interface Sink {
        /**
         * @param index index of the image in the list
         * @param features one array per output, row-major, without the batch dimension; owned by the receiver
         */
        void accept(int index, List<float[]> features);
    }

    /**
     * @param onnx model with one input {@code [n, 3, height, width]}
     * @param preprocessing preprocessing for the model's input
     * @param outputs names of the outputs to compute, each {@code [n, ...]}
     * @param threads number of cores to use
     * @throws InvalidOnnxException if the model cannot be loaded
     */
    public FeatureExtractor(byte[] onnx, Preprocessing preprocessing, List<String> outputs, int threads) {
        this.session = new OnnxSession(onnx, 1);
        this.preprocessing = preprocessing;
        this.outputs = List.copyOf(outputs);
        this.threads = threads;
        this.workers = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().name("features-", 0).daemon().factory());
    }

    /**
     * Extracts the features of all images, reporting after each batch.
     *
     * @param phase phase to report
     * @throws CancelledException if {@code progress} is cancelled
     * @throws IllegalArgumentException if a file cannot be read or is not an image; the message names the image
     * @throws NonFiniteOutputException if a feature is NaN or infinite; the message names the image
     * @throws InsufficientMemoryException if there is not enough memory for a single image
     */
    public void extract(List<TrainingImage> images, String phase, Progress progress, Sink sink) {
        Deque<Future<List<List<float[]>>>> running = new ArrayDeque<>();
        int submitted = 0;
        int done = 0;
        try {
            progress.report(phase, 0, images.size(), Map.of());
            while (done < images.size()) {
                if (progress.cancelled()) {
                    throw new CancelledException();
                }
                while (submitted < images.size() && running.size() < 2 * threads) {
                    List<TrainingImage> batch =
                            images.subList(submitted, Math.min(images.size(), submitted + largest.get()));
                    running.add(workers.submit(() -> compute(batch)));
                    submitted += batch.size();
                }
                for (List<float[]> features : Workers.result(running.remove(), "features")) {
                    sink.accept(done++, features);
                }
                progress.report(phase, done, images.size(), Map.of());
            }
        } finally {
            running.forEach(future -> future.cancel(false));
        }
    }

    private List<List<float[]>> compute(List<TrainingImage> batch) {
        int size = 3 * preprocessing.height() * preprocessing.width();
        float[] input = new float[batch.size() * size];
        for (int i = 0; i < batch.size(); i++) {
            System.arraycopy(prepare(batch.get(i)), 0, input, i * size, size);
        }
        long[] shape = {batch.size(), 3, preprocessing.height(), preprocessing.width()};
        List<Tensor> results;
        try {
            results = session.run(input, shape, outputs);
        } catch (InsufficientMemoryException e) {
            if (batch.size() == 1) {
                throw e;
            }
            return inHalves(batch);
        }
        for (int output = 0; output < results.size(); output++) {
            requireFinite(outputs.get(output), results.get(output), batch);
        }
        return java.util.stream.IntStream.range(0, batch.size())
                .mapToObj(i -> results.stream()
                        .map(tensor -> row(tensor, i, batch.size()))
                        .toList())
                .toList();
    }

    /** Computes a batch that is too large for the memory; later ones are smaller. */
    private List<List<float[]>> inHalves(List<TrainingImage> batch) {
        int half = batch.size() / 2;
        if (largest.getAndAccumulate(half, Math::min) > half) {
            LOG.log(Level.INFO, "a batch of " + batch.size() + " images does not fit into memory: now " + half);
        }
        List<List<float[]>> features = new ArrayList<>(compute(batch.subList(0, half)));
        features.addAll(compute(batch.subList(half, batch.size())));
        return features;
    }

    private static void requireFinite(String output, Tensor tensor, List<TrainingImage> batch) {
        float[] values = tensor.values();
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                int image = (int) ((long) i * batch.size() / values.length);
                throw new NonFiniteOutputException(
                        "image '%s': the backbone gives %s for '%s', expected finite features"
                                .formatted(batch.get(image).id(), values[i], output),
                        List.of(image));
            }
        }
    }

    private float[] prepare(TrainingImage image) {
        try {
            return preprocessing.apply(Files.readAllBytes(image.file()));
        } catch (IOException e) {
            throw new UncheckedIOException("image '" + image.id() + "': " + e.getMessage(), e);
        }
    }

    private static float[] row(Tensor tensor, int index, int rows) {
        int width = tensor.values().length / rows;
        return Arrays.copyOfRange(tensor.values(), index * width, (index + 1) * width);
    }

    @Override
    public void close() {
        // A batch in progress needs the session: wait for it; no new batch starts.
        workers.shutdown();
        workers.close();
        session.close();
    }
}
