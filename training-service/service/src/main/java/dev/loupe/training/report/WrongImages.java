package dev.loupe.training.report;

import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.dataset.DatasetManifest.Entry;
import dev.loupe.imaging.DamagedImageException;
import dev.loupe.imaging.DecoderBusyException;
import dev.loupe.imaging.DecoderMemory;
import dev.loupe.imaging.Thumbnail;
import dev.loupe.imaging.UnsupportedImageException;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import dev.loupe.training.dataset.DatasetManifests;
import dev.loupe.training.dataset.FrozenVersions;
import dev.loupe.training.result.RunResults;
import dev.loupe.training.result.TestResult;
import dev.loupe.training.run.Run;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The images that a model is wrong on, with thumbnails. An image whose thumbnail cannot be made, or would be too large,
 * has none.
 */
@ApplicationScoped
class WrongImages {
    /** Most images of a report. */
    static final int MAX_IMAGES = 24;
    /** Longest side of a thumbnail in pixels. */
    private static final int THUMBNAIL_SIDE = 192;
    /** Largest encoded image that is read. */
    private static final long MAX_IMAGE_BYTES = 32L << 20;
    /** Memory for decoding an image: the rest of the pod's is for the JVM and for the check of a backbone. */
    private static final long DECODER_BYTES = 64L << 20;

    private final ObjectStore store;
    private final FrozenVersions versions;
    private final DatasetManifests manifests;
    private final RunResults results;
    /** One image is in memory at a time. */
    private final ReentrantLock decoding = new ReentrantLock(true);

    WrongImages(ObjectStore store, FrozenVersions versions, DatasetManifests manifests, RunResults results) {
        this.store = store;
        this.versions = versions;
        this.manifests = manifests;
        this.results = results;
    }

    void limitMemory(@Observes StartupEvent started) {
        DecoderMemory.limit(DECODER_BYTES);
    }

    /** The images with the surest wrong predictions, the surest first. */
    List<WrongImage> surest(Run run, List<TestResult> images) {
        List<TestResult> wrong = images.stream()
                .filter(image -> !image.right())
                .sorted(Comparator.comparingDouble(TestResult::margin).thenComparing(TestResult::sha256))
                .limit(MAX_IMAGES)
                .toList();
        if (wrong.isEmpty()) {
            return List.of();
        }
        DatasetManifest manifest =
                manifests.find(versions.get(run.data().datasetVersionId())).orElse(null);
        Map<String, Entry> entries = manifest == null ? Map.of() : entries(manifest, wrong);
        return wrong.stream()
                .map(image -> WrongImage.of(
                        image,
                        entries.containsKey(image.sha256())
                                ? thumbnail(manifest.bucket(), entries.get(image.sha256()))
                                : null,
                        image.heatmap() ? heatmap(run, image) : null))
                .toList();
    }

    private static Map<String, Entry> entries(DatasetManifest manifest, List<TestResult> wrong) {
        Set<String> digests = wrong.stream().map(TestResult::sha256).collect(Collectors.toSet());
        return manifest.images().stream()
                .filter(entry -> digests.contains(entry.sha256()))
                .collect(Collectors.toMap(Entry::sha256, Function.identity(), (first, _) -> first));
    }

    private byte[] thumbnail(String bucket, Entry image) {
        if (image.size() > MAX_IMAGE_BYTES) {
            return null;
        }
        decoding.lock();
        try {
            byte[] encoded = store.read(new ObjectLocation(bucket, image.key()), image.sha256());
            return Thumbnail.jpeg(encoded, THUMBNAIL_SIDE);
        } catch (StorageException.NotFound
                | UnsupportedImageException
                | DamagedImageException
                | DecoderBusyException _) {
            return null;
        } finally {
            decoding.unlock();
        }
    }

    private byte[] heatmap(Run run, TestResult image) {
        try {
            return results.heatmap(run, image.sha256());
        } catch (ServiceException e) {
            if (e.code() == ErrorCode.HEATMAP_NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }
}
