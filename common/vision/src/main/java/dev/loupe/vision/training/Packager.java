package dev.loupe.vision.training;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.loupe.imaging.ImageDecoder;
import dev.loupe.imaging.ImageFormat;
import dev.loupe.model.DevScores;
import dev.loupe.model.ModelManifest;
import dev.loupe.model.ModelManifest.DatasetVersion;
import dev.loupe.model.ModelManifest.Input;
import dev.loupe.model.ModelManifest.Lineage;
import dev.loupe.model.ModelManifest.ParitySample;
import dev.loupe.model.ModelManifest.StoredFile;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Prediction;
import dev.loupe.model.Predictor;
import dev.loupe.model.onnx.OnnxGraph;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Writes the package of a trained model: the folder that is stored, verified and served. */
public final class Packager {
    /** Number of images that show that a replica computes the same outputs as the trainer. */
    private static final int PARITY_SAMPLES = 6;

    private Packager() {}

    /**
     * Writes a package and opens it.
     *
     * @param images images of the training: some of TEST, or of DEV if there is no TEST, become parity samples,
     *     alternating between labels
     * @param folder folder to write to; created if absent, otherwise it must be empty
     * @throws UncheckedIOException if a file cannot be read or written
     */
    public static ModelPackage pack(
            TrainedModel model,
            List<TrainingImage> images,
            DatasetVersion datasetVersion,
            Lineage lineage,
            Path folder) {
        try {
            Files.createDirectories(folder.resolve("parity"));
            byte[] onnx = Files.readAllBytes(model.onnx());
            Files.write(folder.resolve(ModelPackage.MODEL), onnx);
            List<ParitySample> samples = new ArrayList<>();
            try (Predictor predictor =
                    new Predictor(onnx, model.task(), model.preprocessing(), model.labels(), model.threshold(), 1)) {
                for (TrainingImage image : paritySamples(model.labels(), images)) {
                    samples.add(sample(predictor, image, samples.size(), folder));
                }
                for (TrainingImage image : ofEachProduct(predictor.products(), images)) {
                    samples.add(sample(predictor, image, samples.size(), folder));
                }
            }
            Files.write(folder.resolve(ModelPackage.TEST_PREDICTIONS), predictions(model));
            Map<String, StoredFile> files = new TreeMap<>();
            files.put(
                    ModelPackage.TEST_PREDICTIONS,
                    ModelPackage.describe(folder.resolve(ModelPackage.TEST_PREDICTIONS)));
            files.put(ModelPackage.MODEL, ModelPackage.describe(folder.resolve(ModelPackage.MODEL)));
            if (model.devScores() != null) {
                Files.write(folder.resolve(DevScores.FILE), model.devScores().toJson());
                files.put(DevScores.FILE, ModelPackage.describe(folder.resolve(DevScores.FILE)));
            }
            for (ParitySample sample : samples) {
                files.put(sample.file(), ModelPackage.describe(folder.resolve(sample.file())));
            }
            String input = OnnxGraph.read(onnx).inputs().getFirst();
            return ModelPackage.seal(
                    folder,
                    new ModelManifest(
                            ModelManifest.FORMAT,
                            model.task(),
                            Input.of(input, model.preprocessing()).with(model.normalRange()),
                            model.preprocessing(),
                            model.labels(),
                            model.threshold(),
                            Predictor.outputs(model.task(), model.labels(), model.preprocessing()),
                            model.metrics(),
                            model.devMetrics(),
                            model.warnings(),
                            datasetVersion,
                            lineage,
                            files,
                            samples));
        } catch (IOException e) {
            throw new UncheckedIOException("packing the model: " + e.getMessage(), e);
        }
    }

    /**
     * Adds what became of the model with 8-bit integers to a package, and the model itself if it was accepted.
     *
     * @return the package with a new manifest
     * @throws UncheckedIOException if a file cannot be read or written
     */
    public static ModelPackage add(QuantizedModel quantized, ModelPackage packed) {
        ModelManifest manifest = packed.manifest();
        if (!quantized.result().accepted()) {
            return ModelPackage.seal(packed.folder(), manifest.with(quantized.result(), manifest.files()));
        }
        String path = quantized.result().file();
        List<ParitySample> samples = new ArrayList<>();
        try (Predictor predictor = new Predictor(
                quantized.onnx(),
                manifest.task(),
                manifest.preprocessing(),
                manifest.labels(),
                manifest.threshold(),
                1)) {
            Files.write(packed.folder().resolve(path), quantized.onnx());
            for (ParitySample sample : manifest.paritySamples()) {
                Prediction prediction = predictor
                        .predict(List.of(packed.read(sample.file())), sample.product())
                        .getFirst();
                samples.add(new ParitySample(
                        sample.file(), sample.label(), Predictor.parityValues(prediction), sample.product()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("packing the model with 8-bit integers: " + e.getMessage(), e);
        }
        Map<String, StoredFile> files = new TreeMap<>(manifest.files());
        files.put(path, ModelPackage.describe(packed.folder().resolve(path)));
        return ModelPackage.seal(
                packed.folder(), manifest.with(quantized.result().with(samples), files));
    }

    private static byte[] predictions(TrainedModel model) throws IOException {
        return JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsBytes(new TreeMap<>(model.testPredictions()));
    }

    private static ParitySample sample(Predictor predictor, TrainingImage image, int number, Path folder)
            throws IOException {
        byte[] encoded = Files.readAllBytes(image.file());
        ImageFormat format = ImageDecoder.inspect(encoded).format();
        String path = "parity/" + number + "." + format.name().toLowerCase(Locale.ROOT);
        Files.write(folder.resolve(path), encoded);
        String product = predictor.products().isEmpty() ? null : image.product();
        Prediction prediction = predictor.predict(List.of(encoded), product).getFirst();
        return new ParitySample(path, image.label(), Predictor.parityValues(prediction), product);
    }

    /** An image of each product, of TEST if there is one. */
    private static List<TrainingImage> ofEachProduct(List<String> products, List<TrainingImage> images) {
        return products.stream()
                .flatMap(product -> images.stream()
                        .filter(image -> product.equals(image.product()))
                        .max(Comparator.comparing(TrainingImage::split).thenComparing(TrainingImage::id))
                        .stream())
                .toList();
    }

    private static List<TrainingImage> paritySamples(List<String> labels, List<TrainingImage> images) {
        List<List<TrainingImage>> byLabel = new ArrayList<>();
        for (String label : labels) {
            byLabel.add(images.stream()
                    .filter(image -> image.label().equals(label))
                    // TEST images first: scores of training images are weaker evidence.
                    .sorted(Comparator.comparing(TrainingImage::split)
                            .reversed()
                            .thenComparing(TrainingImage::id))
                    .toList());
        }
        List<TrainingImage> chosen = new ArrayList<>();
        for (int turn = 0; turn < PARITY_SAMPLES && chosen.size() < PARITY_SAMPLES; turn++) {
            for (List<TrainingImage> candidates : byLabel) {
                if (turn < candidates.size() && chosen.size() < PARITY_SAMPLES) {
                    chosen.add(candidates.get(turn));
                }
            }
        }
        return chosen;
    }
}
