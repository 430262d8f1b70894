package dev.loupe.training.result;

import dev.loupe.contracts.training.SimilarImages;
import dev.loupe.contracts.training.SimilarImages.Similar;
import dev.loupe.contracts.training.TestResults;
import dev.loupe.contracts.training.TestResults.Slice;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import dev.loupe.training.run.Run;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The results of runs for the TEST images. They stay in object storage as the trainer wrote them. They never change, so
 * those that were read last are kept in memory.
 */
@ApplicationScoped
public class RunResults {
    /** Most images whose results are kept in memory. */
    private static final int MAX_REMEMBERED_IMAGES = 50_000;

    private static final RunDocuments.Kind<TestResults> KIND = new RunDocuments.Kind<>(
            TestResults.class,
            TestResults.MAX_BYTES,
            "results",
            ErrorCode.RESULTS_NOT_FOUND,
            "it was trained without TEST images, with a recipe that predicts none, or before results were kept");

    private static final RunDocuments.Kind<SimilarImages> SIMILAR = new RunDocuments.Kind<>(
            SimilarImages.class,
            SimilarImages.MAX_BYTES,
            "similar images",
            ErrorCode.RESULTS_NOT_FOUND,
            "its trainer did not look for them");

    private final ObjectStore store;
    private final RunDocuments documents;
    private final Map<UUID, Results> remembered = new LinkedHashMap<>();
    private final ReentrantLock reading = new ReentrantLock();
    private int rememberedImages;

    /**
     * The results of a run.
     *
     * @param threshold score from which an image is abnormal; null for a classifier
     * @param images in the order of the dataset manifest
     * @param thumbnails places of the thumbnails, by the digest of the image
     */
    public record Results(Double threshold, List<TestResult> images, Map<String, Slice> thumbnails) {}

    RunResults(ObjectStore store, RunDocuments documents) {
        this.store = store;
        this.documents = documents;
    }

    /**
     * Returns the results of a run.
     *
     * @throws ServiceException {@code RESULTS_NOT_FOUND} if it has none
     */
    public Results require(Run run) {
        RunDocuments.requireSucceeded(run, KIND);
        Results known = recall(run.id());
        if (known != null) {
            return known;
        }
        reading.lock(); // a page asks for many heatmaps at once: only the first of these requests reads the document
        try {
            Results read = recall(run.id());
            return read == null ? remember(run.id(), read(run)) : read;
        } finally {
            reading.unlock();
        }
    }

    private Results read(Run run) {
        TestResults results = documents.read(run, TestResults.key(run.status().attempt()), KIND);
        Map<String, List<Similar>> similar = documents
                .find(run, SimilarImages.key(run.status().attempt()), SIMILAR)
                .map(SimilarImages::images)
                .orElse(Map.of());
        return new Results(
                results.threshold(),
                results.images().stream()
                        .map(image -> TestResult.of(
                                image, results.threshold(), similar.getOrDefault(image.sha256(), List.of())))
                        .toList(),
                results.thumbnails());
    }

    private synchronized Results recall(UUID run) {
        Results known = remembered.remove(run);
        if (known != null) {
            remembered.put(run, known); // at the end: the least recently used one is first
        }
        return known;
    }

    private synchronized Results remember(UUID run, Results results) {
        if (remembered.put(run, results) == null) {
            rememberedImages += results.images().size();
        }
        while (rememberedImages > MAX_REMEMBERED_IMAGES && remembered.size() > 1) {
            UUID eldest = remembered.keySet().iterator().next();
            rememberedImages -= remembered.remove(eldest).images().size();
        }
        return results;
    }

    /**
     * Returns the heatmap of an image as PNG.
     *
     * @throws ServiceException {@code HEATMAP_NOT_FOUND} if it has none
     */
    public byte[] heatmap(Run run, String sha256) {
        Slice slice = require(run).images().stream()
                .filter(image -> image.sha256().equals(sha256) && image.heatmap())
                .findFirst()
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.HEATMAP_NOT_FOUND, "run " + run.id() + " has no heatmap of the image " + sha256))
                .slice();
        try {
            return read(run, TestResults.heatmapsKey(run.status().attempt()), slice);
        } catch (StorageException.NotFound e) {
            throw new ServiceException(
                    ErrorCode.HEATMAP_NOT_FOUND, "the heatmaps of run " + run.id() + " are missing", e);
        }
    }

    /** Returns the thumbnail of an image as JPEG, null if it has none. */
    public byte[] thumbnail(Run run, String sha256) {
        Slice slice = require(run).thumbnails().get(sha256);
        try {
            return slice == null
                    ? null
                    : read(run, TestResults.thumbnailsKey(run.status().attempt()), slice);
        } catch (StorageException.NotFound _) {
            return null;
        }
    }

    private byte[] read(Run run, String key, Slice slice) {
        return store.read(documents.at(run, key), slice.offset(), slice.length());
    }
}
