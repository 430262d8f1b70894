package dev.loupe.training.result;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.training.TestResults;
import dev.loupe.contracts.training.TestResults.Slice;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import dev.loupe.storage.StoredObject;
import dev.loupe.training.run.Run;
import dev.loupe.training.run.RunState;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
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
class RunResults {
    /** Most images whose results are kept in memory. */
    private static final int MAX_REMEMBERED_IMAGES = 50_000;

    private final ObjectStore store;
    private final StorageConfig storage;
    private final ObjectMapper json;
    private final Map<UUID, Results> remembered = new LinkedHashMap<>();
    private final ReentrantLock reading = new ReentrantLock();
    private int rememberedImages;

    /**
     * The results of a run.
     *
     * @param threshold score from which an image is abnormal; null for a classifier
     * @param images in the order of the dataset manifest
     */
    record Results(Double threshold, List<TestResult> images) {}

    RunResults(ObjectStore store, StorageConfig storage, ObjectMapper json) {
        this.store = store;
        this.storage = storage;
        this.json = json;
    }

    /**
     * Returns the results of a run.
     *
     * @throws ServiceException {@code RESULTS_NOT_FOUND} if it has none
     */
    Results require(Run run) {
        if (run.status().state() != RunState.SUCCEEDED) {
            throw new ServiceException(
                    ErrorCode.RESULTS_NOT_FOUND,
                    "run " + run.id() + " is " + run.status().state() + ": only a run that SUCCEEDED has results");
        }
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
        ObjectLocation document = at(run, TestResults.key(run.status().attempt()));
        StoredObject stored = store.find(document)
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.RESULTS_NOT_FOUND,
                        "run " + run.id() + " has no results: it was trained without TEST images, with a recipe that"
                                + " predicts none, or before results were kept"));
        if (stored.size() > TestResults.MAX_BYTES) {
            throw new IllegalStateException("results of run " + run.id() + ": expected at most " + TestResults.MAX_BYTES
                    + " bytes, got " + stored.size());
        }
        try {
            TestResults results = json.readValue(store.read(document), TestResults.class);
            return new Results(
                    results.threshold(),
                    results.images().stream()
                            .map(image -> TestResult.of(image, results.threshold()))
                            .toList());
        } catch (JacksonException e) {
            throw new IllegalStateException("results of run " + run.id() + " cannot be read", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
    byte[] heatmap(Run run, String sha256) {
        Slice slice = require(run).images().stream()
                .filter(image -> image.sha256().equals(sha256) && image.heatmap())
                .findFirst()
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.HEATMAP_NOT_FOUND, "run " + run.id() + " has no heatmap of the image " + sha256))
                .slice();
        try {
            return store.read(at(run, TestResults.heatmapsKey(run.status().attempt())), slice.offset(), slice.length());
        } catch (StorageException.NotFound e) {
            throw new ServiceException(
                    ErrorCode.HEATMAP_NOT_FOUND, "the heatmaps of run " + run.id() + " are missing", e);
        }
    }

    private ObjectLocation at(Run run, String key) {
        return new ObjectLocation(storage.bucket(), Run.prefix(run.id()) + key);
    }
}
