package dev.loupe.trainer;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.dataset.DatasetManifest.Entry;
import dev.loupe.contracts.training.TrainerSpec.ManifestRef;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainingImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Downloads a dataset version into a cache on this machine, which trainers share. A cached file is named by its
 * SHA-256, was verified when it was written, and was created atomically.
 */
final class DatasetFetch {
    /** Number of concurrent downloads: the files are small, so most of the time is latency. */
    private static final int CONCURRENCY = 16;

    private final ObjectStore store;
    private final Consumer<List<ObjectLocation>> expected;
    private final Path cache;
    private final Progress progress;

    /**
     * @param expected receives the objects that will be read
     */
    DatasetFetch(ObjectStore store, Consumer<List<ObjectLocation>> expected, Path cache, Progress progress) {
        this.store = store;
        this.expected = expected;
        this.cache = cache;
        this.progress = progress;
    }

    DatasetManifest manifest(ManifestRef ref) throws IOException {
        byte[] document = store.read(new ObjectLocation(ref.bucket(), ref.key()), ref.sha256());
        return Json.MAPPER.readValue(document, DatasetManifest.class);
    }

    /**
     * Downloads the images of some splits of the version and returns them in the order of its manifest. Those of TEST come
     * with the masks of their defects.
     */
    List<TrainingImage> images(DatasetManifest manifest, Set<Split> splits) {
        return images(manifest, (Entry entry) -> splits.contains(entry.split()));
    }

    /** Downloads some images of the version and returns them in the order of its manifest. */
    List<TrainingImage> images(DatasetManifest manifest, Predicate<Entry> wanted) {
        AtomicLong done = new AtomicLong();
        List<Entry> entries = manifest.images().stream().filter(wanted).toList();
        long total = entries.size();
        progress.report("fetch", 0, total, Map.of());
        expected.accept(entries.stream()
                .flatMap(entry -> hasMask(entry) ? Stream.of(entry.key(), entry.maskKey()) : Stream.of(entry.key()))
                .map(key -> new ObjectLocation(manifest.bucket(), key))
                .toList());
        try (ExecutorService workers = Executors.newFixedThreadPool(
                CONCURRENCY, Thread.ofVirtual().name("fetch-", 0).factory())) {
            List<Future<TrainingImage>> images = new ArrayList<>();
            for (Entry entry : entries) {
                images.add(workers.submit(() -> {
                    progress.check();
                    Path file = file(manifest.bucket(), entry.key(), entry.sha256(), entry.size());
                    Path mask = hasMask(entry) ? mask(manifest.bucket(), entry.maskKey()) : null;
                    progress.report("fetch", done.incrementAndGet(), total, Map.of());
                    return new TrainingImage(
                            entry.sha256(), file, entry.label(), entry.split(), entry.defect(), mask, entry.product());
                }));
            }
            try {
                return all(images);
            } finally {
                workers.shutdownNow();
            }
        }
    }

    /** Only the evaluation uses masks. */
    private static boolean hasMask(Entry entry) {
        return entry.split() == Split.TEST && entry.maskKey() != null;
    }

    /** Masks are stored as images are: the end of the key is the digest. */
    private Path mask(String bucket, String key) {
        return file(bucket, key, key.substring(key.lastIndexOf('/') + 1), -1);
    }

    /** Returns the object as a file in the cache, and downloads it if necessary. */
    Path file(String bucket, String key, String sha256, long size) {
        Path file = cache.resolve(sha256.substring(0, 2)).resolve(sha256);
        try {
            if (!Files.exists(file) || size >= 0 && Files.size(file) != size) {
                Files.createDirectories(file.getParent());
                store.download(new ObjectLocation(bucket, key), sha256, file);
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> List<T> all(List<Future<T>> futures) {
        List<T> results = new ArrayList<>();
        try {
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new CancelledException();
        }
    }
}
