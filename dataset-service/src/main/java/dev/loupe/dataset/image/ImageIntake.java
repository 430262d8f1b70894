package dev.loupe.dataset.image;

import dev.loupe.contracts.Split;
import dev.loupe.imaging.DamagedImageException;
import dev.loupe.imaging.DecoderBusyException;
import dev.loupe.imaging.DecoderMemory;
import dev.loupe.imaging.ImageInspection;
import dev.loupe.imaging.ImageMeasurement;
import dev.loupe.imaging.ImageProperties;
import dev.loupe.imaging.ImageTooLargeException;
import dev.loupe.imaging.UnsupportedImageException;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.tenant.TenantFence;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Decodes, measures and stores uploaded images: it decodes each image completely, then writes its object and what was
 * measured. All uploads share a fixed number of threads, so many concurrent uploads take longer but do not use more
 * memory. Thread-safe.
 */
@ApplicationScoped
public class ImageIntake {
    private final StoredObjects objects;
    private final MeasuredImages measuredImages;
    private final ObjectStore store;
    private final TenantFence fence;
    private final long maxSize;
    private final ExecutorService decoders;
    private final ExecutorService writers;

    /** Result for one image. */
    public sealed interface Outcome {
        /** The image is valid and its object is stored. Nothing refers to the object yet. */
        record Stored(String sha256, long size, String format, int width, int height) implements Outcome {
            /** Creates the image to be added to a project. */
            public Image image(
                    String name, String label, String defect, Split split, String maskSha256, String product) {
                return new Image(
                        sha256, name, size, format, width, height, label, defect, split, maskSha256, null, product);
            }
        }

        /** The image cannot be used. */
        record Refused(ErrorCode code, String reason) implements Outcome {}
    }

    /** @param properties what was measured, null if the image is refused */
    private record Checked(byte[] bytes, Outcome outcome, ImageProperties properties) {}

    ImageIntake(
            StoredObjects objects,
            MeasuredImages measuredImages,
            ObjectStore store,
            TenantFence fence,
            ImageConfig config) {
        this.objects = objects;
        this.measuredImages = measuredImages;
        this.store = store;
        this.fence = fence;
        this.maxSize = config.maxSize().asLongValue();
        DecoderMemory.limit(
                config.decoderMemory().map(MemorySize::asLongValue).orElseGet(DecoderMemory::limit),
                config.decoderPatience());
        this.decoders = Executors.newFixedThreadPool(
                Runtime.getRuntime().availableProcessors(),
                Thread.ofPlatform().name("decode-", 0).daemon().factory());
        this.writers = Executors.newFixedThreadPool(
                config.parallelWrites(), Thread.ofVirtual().name("write-", 0).factory());
    }

    @PreDestroy
    void stop() {
        decoders.shutdownNow();
        writers.shutdownNow();
    }

    /** Maximum size of an encoded image in bytes. */
    public long maxSize() {
        return maxSize;
    }

    /** Reads the bytes of an image when they are needed. */
    public interface Source extends Callable<byte[]> {}

    /**
     * Decodes and stores images, several at the same time.
     *
     * @param images images whose bytes fit in memory together
     * @return one result for each image, in the same order
     * @throws ServiceException OVERLOADED if other uploads use the memory for decoding
     */
    public List<Outcome> decodeAndStore(List<? extends Source> images) {
        List<Checked> checked = await(
                decoders,
                images.stream()
                        .map(image -> (Callable<Checked>) () -> check(image.call()))
                        .toList());
        Map<String, byte[]> contents = new HashMap<>();
        Map<String, Long> sizes = new HashMap<>();
        Map<String, ImageProperties> measured = new HashMap<>();
        for (Checked one : checked) {
            if (one.outcome() instanceof Outcome.Stored stored) {
                contents.put(stored.sha256(), one.bytes());
                sizes.put(stored.sha256(), stored.size());
                measured.put(stored.sha256(), one.properties());
            }
        }
        if (!contents.isEmpty()) {
            // All tenants share contents.
            write(contents, fence.asOwner(() -> objects.claim(sizes)), formats(checked));
            fence.asOwner(() -> measuredImages.store(measured));
        }
        return checked.stream().map(Checked::outcome).toList();
    }

    private static Map<String, String> formats(List<Checked> checked) {
        Map<String, String> formats = new HashMap<>();
        for (Checked one : checked) {
            if (one.outcome() instanceof Outcome.Stored stored) {
                formats.put(stored.sha256(), stored.format());
            }
        }
        return formats;
    }

    private void write(Map<String, byte[]> contents, Set<String> fresh, Map<String, String> formats) {
        List<Callable<Void>> writes = new ArrayList<>();
        contents.forEach((sha256, bytes) -> writes.add(() -> {
            // An existing object may be corrupt: it is kept only if its bytes match the digest.
            if (fresh.contains(sha256) || !objects.isIntact(sha256)) {
                store.put(objects.location(sha256), bytes, mediaType(formats.get(sha256)));
            }
            return null;
        }));
        await(writers, writes);
    }

    private Checked check(byte[] bytes) {
        if (bytes.length == 0) {
            return refused(ErrorCode.IMAGE_DAMAGED, "it is empty");
        }
        if (bytes.length > maxSize) {
            return refused(
                    ErrorCode.IMAGE_TOO_LARGE, "more than " + maxSize + " bytes, the most that an image may have");
        }
        try {
            ImageProperties properties = ImageMeasurement.measure(bytes);
            ImageInspection seen = properties.inspection();
            Outcome stored = new Outcome.Stored(
                    Sha256.of(bytes), bytes.length, seen.format().name(), seen.width(), seen.height());
            return new Checked(bytes, stored, properties);
        } catch (ImageTooLargeException e) {
            return refused(ErrorCode.IMAGE_TOO_LARGE, e.getMessage());
        } catch (UnsupportedImageException e) {
            return refused(ErrorCode.IMAGE_UNSUPPORTED, e.getMessage());
        } catch (DamagedImageException e) {
            return refused(ErrorCode.IMAGE_DAMAGED, e.getMessage());
        } catch (DecoderBusyException e) {
            // The image itself is valid: the whole upload can be retried.
            throw new ServiceException(ErrorCode.OVERLOADED, e.getMessage(), e);
        }
    }

    private static Checked refused(ErrorCode code, String reason) {
        return new Checked(null, new Outcome.Refused(code, reason), null);
    }

    static String mediaType(String format) {
        return "image/" + format.toLowerCase(Locale.ROOT);
    }

    private static <T> List<T> await(ExecutorService threads, List<? extends Callable<T>> tasks) {
        try {
            List<T> results = new ArrayList<>(tasks.size());
            for (Future<T> future : threads.invokeAll(tasks)) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
