package dev.loupe.trainer;

import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.dataset.DatasetManifest.Entry;
import dev.loupe.contracts.evaluation.Evaluation;
import dev.loupe.contracts.evaluation.EvaluationReport;
import dev.loupe.contracts.training.NearestNormal;
import dev.loupe.contracts.training.PredictionCounts;
import dev.loupe.contracts.training.TestResults;
import dev.loupe.contracts.training.TestResults.Slice;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.imaging.Thumbnail;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Threshold;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.vision.training.TestHeatmaps;
import dev.loupe.vision.training.TestPrediction;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores how the model does on the TEST images in the folder of the attempt: predictions, heatmaps, thumbnails of the
 * surest errors, evaluation.
 */
final class TestResultsUpload {
    private static final Logger LOG = LoggerFactory.getLogger(TestResultsUpload.class);

    /** Longest side of a thumbnail in pixels. */
    private static final int THUMBNAIL_SIDE = 192;

    private final TrainerSpec spec;
    private final ObjectStore store;
    private final DatasetFetch fetch;
    private final Path scratch;

    /**
     * @param fetch for the images
     * @param scratch work folder of the training
     */
    TestResultsUpload(TrainerSpec spec, ObjectStore store, DatasetFetch fetch, Path scratch) {
        this.spec = spec;
        this.store = store;
        this.fetch = fetch;
        this.scratch = scratch;
    }

    /**
     * Stores predictions, heatmaps, thumbnails and evaluation; nothing if there is no TEST image, or the recipe predicts none.
     *
     * @param model the model that was evaluated
     * @param predictions its predictions for the TEST images, by image id
     * @param report report on the TEST images, null if there is none
     * @return counts of the predictions, null if there are none
     */
    PredictionCounts store(
            DatasetManifest manifest,
            ModelPackage model,
            Map<String, TestPrediction> predictions,
            EvaluationReport report)
            throws IOException {
        List<TestResults.Image> images = storeResults(manifest, model.manifest().threshold(), predictions);
        if (report != null) {
            store(Provenance.evaluation(spec, manifest, model, report));
        }
        return images.isEmpty() ? null : PredictionCounts.of(images);
    }

    private List<TestResults.Image> storeResults(
            DatasetManifest manifest, Threshold model, Map<String, TestPrediction> predictions) throws IOException {
        Double threshold = model == null ? null : model.value();
        Path heatmaps = scratch.resolve("heatmaps.bin");
        Map<String, String> names =
                manifest.images().stream().collect(Collectors.toMap(Entry::sha256, Entry::name, (first, _) -> first));
        List<TestResults.Image> images = new ArrayList<>();
        long written = 0;
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(heatmaps))) {
            for (Entry entry : manifest.images()) {
                TestPrediction prediction = predictions.get(entry.sha256());
                if (prediction == null) {
                    continue;
                }
                Path png = TestHeatmaps.file(scratch, entry.sha256());
                Slice slice = Files.exists(png) ? new Slice(written, (int) Files.copy(png, out)) : null;
                written += slice == null ? 0 : slice.length();
                Files.deleteIfExists(png); // so that the disk does not hold it twice
                images.add(result(entry, prediction, slice, names));
            }
        }
        if (images.isEmpty()) {
            return images;
        }
        Map<String, Slice> thumbnails = storeThumbnails(manifest, TestResults.surestErrors(images, threshold));
        byte[] document = Json.MAPPER.writeValueAsBytes(new TestResults(threshold, images, thumbnails));
        if (document.length > TestResults.MAX_BYTES) {
            LOG.warn("the results of {} TEST images are not kept: {} bytes", images.size(), document.length);
            return images;
        }
        if (written > 0) {
            store.put(at(TestResults.heatmapsKey(spec.attempt())), heatmaps, "application/octet-stream");
        }
        store.put(at(TestResults.key(spec.attempt())), document, "application/json");
        return images;
    }

    private Map<String, Slice> storeThumbnails(DatasetManifest manifest, List<TestResults.Image> errors)
            throws IOException {
        Set<String> shown = errors.stream().map(TestResults.Image::sha256).collect(Collectors.toSet());
        Map<String, Slice> places = new HashMap<>();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Entry entry : manifest.images()) {
            if (!shown.contains(entry.sha256()) || places.containsKey(entry.sha256())) {
                continue;
            }
            Path file = fetch.file(manifest.bucket(), entry.key(), entry.sha256(), entry.size());
            byte[] jpeg = Thumbnail.jpeg(Files.readAllBytes(file), THUMBNAIL_SIDE);
            places.put(entry.sha256(), new Slice(out.size(), jpeg.length));
            out.write(jpeg);
        }
        if (out.size() > 0) {
            store.put(at(TestResults.thumbnailsKey(spec.attempt())), out.toByteArray(), "application/octet-stream");
        }
        return places;
    }

    private void store(Evaluation evaluation) throws IOException {
        byte[] document = Json.MAPPER.writeValueAsBytes(evaluation);
        if (document.length > Evaluation.MAX_BYTES) {
            LOG.warn("the evaluation is not kept: {} bytes", document.length);
            return;
        }
        store.put(at(Evaluation.key(spec.attempt())), document, "application/json");
    }

    /**
     * The TEST images of a classifier whose predictions are wrong or least sure: the surest wrong ones first.
     *
     * @param predictions predictions for the TEST images, by image id
     */
    static List<Entry> leastSure(DatasetManifest manifest, Map<String, TestPrediction> predictions, int limit) {
        return manifest.images().stream()
                .filter(entry -> predictions.containsKey(entry.sha256()))
                .map(entry -> Map.entry(result(entry, predictions.get(entry.sha256()), null, Map.of()), entry))
                .sorted(Map.Entry.comparingByKey(TestResults.byMargin(null)))
                .limit(limit)
                .map(Map.Entry::getValue)
                .toList();
    }

    private static TestResults.Image result(
            Entry entry, TestPrediction prediction, Slice heatmap, Map<String, String> names) {
        NearestNormal nearest = prediction.nearest();
        return new TestResults.Image(
                entry.sha256(),
                entry.name(),
                entry.label(),
                entry.defect(),
                prediction.predicted(),
                prediction.score(),
                prediction.probabilities(),
                heatmap,
                nearest == null ? null : nearest.named(names.get(nearest.sha256())));
    }

    private ObjectLocation at(String key) {
        return new ObjectLocation(spec.output().bucket(), spec.output().prefix() + key);
    }
}
