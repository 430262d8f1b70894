package dev.loupe.trainer;

import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.dataset.DatasetManifest.Entry;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Predictor;
import dev.loupe.storage.StorageException;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.OcclusionMap;
import dev.loupe.vision.training.TestHeatmaps;
import dev.loupe.vision.training.TestPrediction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Draws which places the answers of a classifier depend on, for the TEST images whose predictions are wrong or least sure.
 * They are files of {@link TestHeatmaps}. Heatmaps that cannot be drawn do not fail the run.
 */
final class ClassHeatmaps {
    private static final Logger LOG = LoggerFactory.getLogger(ClassHeatmaps.class);

    /** Most images that have a heatmap. */
    static final int MAX_IMAGES = 32;
    /** After this time no further image gets one: a large network takes seconds for each. */
    private static final Duration LIMIT = Duration.ofMinutes(1);
    /** An answer that no window changes by this probability depends on no place more than on others. */
    private static final float LEAST_FALL = 0.01f;

    private final TrainerSpec spec;
    private final DatasetFetch fetch;
    private final Reports reports;
    private final Path workFolder;

    ClassHeatmaps(TrainerSpec spec, DatasetFetch fetch, Reports reports, Path workFolder) {
        this.spec = spec;
        this.fetch = fetch;
        this.reports = reports;
        this.workFolder = workFolder;
    }

    /**
     * Draws the heatmaps.
     *
     * @param predictions predictions of the model for the TEST images, by image id
     * @throws CancelledException if the attempt is cancelled
     */
    void draw(DatasetManifest manifest, ModelPackage model, Map<String, TestPrediction> predictions) {
        List<Entry> images = TestResultsUpload.leastSure(manifest, predictions, MAX_IMAGES);
        if (images.isEmpty()) {
            return;
        }
        try (Predictor predictor = Predictor.open(model, spec.threads())) {
            draw(manifest, images, predictor);
        } catch (CancelledException | StorageException.Revoked e) {
            throw e;
        } catch (IOException | RuntimeException | OutOfMemoryError | LinkageError e) {
            LOG.warn("the heatmaps could not be drawn", e);
        }
    }

    private void draw(DatasetManifest manifest, List<Entry> images, Predictor predictor) throws IOException {
        TestHeatmaps heatmaps = new TestHeatmaps(workFolder, predictor.preprocessing());
        long start = System.nanoTime();
        int done = 0;
        for (Entry entry : images) {
            reports.report("explain", done, images.size(), Map.of());
            reports.check();
            if (System.nanoTime() - start > LIMIT.toNanos()) {
                LOG.info("{} of {} heatmaps drawn: no time for more", done, images.size());
                return;
            }
            Path file = fetch.file(manifest.bucket(), entry.key(), entry.sha256(), entry.size());
            OcclusionMap map =
                    OcclusionMap.of(predictor, predictor.preprocessing().apply(Files.readAllBytes(file)));
            if (map.highest() >= LEAST_FALL) {
                heatmaps.draw(entry.sha256(), file, map::map, map.highest() / 2, map.highest());
            }
            done++;
        }
        reports.report("explain", done, images.size(), Map.of());
    }
}
