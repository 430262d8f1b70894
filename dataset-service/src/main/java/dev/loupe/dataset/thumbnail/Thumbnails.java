package dev.loupe.dataset.thumbnail;

import dev.loupe.dataset.image.Image;
import dev.loupe.dataset.image.StoredObjects;
import dev.loupe.dataset.upload.UploadMemory;
import dev.loupe.imaging.Augmentation;
import dev.loupe.imaging.AugmentationSheet;
import dev.loupe.imaging.BatchMixing;
import dev.loupe.imaging.DamagedImageException;
import dev.loupe.imaging.DecoderBusyException;
import dev.loupe.imaging.DefectMask;
import dev.loupe.imaging.ImageTooLargeException;
import dev.loupe.imaging.Thumbnail;
import dev.loupe.imaging.UnsupportedImageException;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import dev.loupe.storage.StoredObject;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;

/**
 * The thumbnails of images, as JPEG. The first request for one creates it and stores it beside the image's object, and
 * {@link StoredObjects} deletes it with that object. Concurrent requests to a replica wait for the same thumbnail; two
 * replicas may both create it, with the same bytes. A fixed number of threads decodes, within the memory of all uploads
 * and decoders. Thread-safe.
 */
@ApplicationScoped
class Thumbnails {
    private static final Logger LOG = Logger.getLogger(Thumbnails.class);

    /** Width and height of a cell of a sheet in pixels. */
    private static final int SHEET_CELL = 128;

    private final StoredObjects objects;
    private final ObjectStore store;
    private final UploadMemory memory;
    private final ConcurrentHashMap<ObjectLocation, CompletableFuture<byte[]>> inProgress = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(
            Runtime.getRuntime().availableProcessors(),
            Thread.ofPlatform().name("thumbnail-", 0).daemon().factory());

    Thumbnails(StoredObjects objects, ObjectStore store, UploadMemory memory) {
        this.objects = objects;
        this.store = store;
        this.memory = memory;
    }

    @PreDestroy
    void stop() {
        threads.shutdownNow();
    }

    /**
     * Returns the thumbnail of a stored image.
     *
     * @param sha256 digest of the image
     * @param bytes number of its encoded bytes
     * @param size longest side in pixels, one of {@link StoredObjects#THUMBNAIL_SIZES}
     * @throws ServiceException {@code OVERLOADED} if uploads and other thumbnails use the memory
     */
    byte[] get(String sha256, long bytes, int size) {
        ObjectLocation location = objects.thumbnail(sha256, size);
        try {
            return store.read(location);
        } catch (StorageException.NotFound _) {
            return await(inProgress.computeIfAbsent(location, _ -> start(sha256, bytes, size, location)));
        }
    }

    private CompletableFuture<byte[]> start(String sha256, long bytes, int size, ObjectLocation location) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        byte[] jpeg = convert(sha256, bytes, encoded -> Thumbnail.jpeg(encoded, size));
                        keep(sha256, size, jpeg);
                        return jpeg;
                    } finally {
                        inProgress.remove(location);
                    }
                },
                threads);
    }

    /**
     * Returns a stored mask in black and white, as PNG. It is not kept: few masks are looked at.
     *
     * @param sha256 digest of the mask
     * @throws ServiceException {@code OVERLOADED} if uploads and thumbnails use the memory
     */
    byte[] mask(String sha256) {
        long size = store.find(objects.location(sha256))
                .map(StoredObject::size)
                .orElseThrow(() -> new IllegalStateException("the mask " + sha256 + " is missing from object storage"));
        return await(CompletableFuture.supplyAsync(() -> convert(sha256, size, DefectMask::blackAndWhite), threads));
    }

    /**
     * Shows what an augmentation does to images, as PNG, made from their thumbnails.
     *
     * @throws ServiceException {@code OVERLOADED} if uploads and thumbnails use the memory
     */
    byte[] sheet(List<Image> images, Augmentation augmentation, BatchMixing mixing, long seed) {
        List<byte[]> small = images.stream()
                .map(image -> get(image.sha256(), image.size(), 2 * SHEET_CELL))
                .toList();
        return await(CompletableFuture.supplyAsync(
                () -> AugmentationSheet.png(small, augmentation, mixing, SHEET_CELL, seed), threads));
    }

    /** Converts a stored image while its memory is reserved. */
    private byte[] convert(String sha256, long size, UnaryOperator<byte[]> conversion) {
        memory.take(size);
        try {
            return conversion.apply(store.read(objects.location(sha256), sha256));
        } catch (ImageTooLargeException e) {
            throw new ServiceException(ErrorCode.IMAGE_TOO_LARGE, e.getMessage(), e);
        } catch (UnsupportedImageException | DamagedImageException e) {
            throw new ServiceException(ErrorCode.IMAGE_DAMAGED, e.getMessage(), e);
        } catch (DecoderBusyException e) {
            throw new ServiceException(ErrorCode.OVERLOADED, e.getMessage(), e);
        } finally {
            memory.giveBack(size);
        }
    }

    /** Stores a thumbnail. A full or failing object storage only means that it is created again. */
    private void keep(String sha256, int size, byte[] jpeg) {
        try {
            objects.storeThumbnail(sha256, size, jpeg);
        } catch (StorageException e) {
            LOG.warnf("thumbnail of image %s is not stored: %s", sha256, e.getMessage());
        }
    }

    private static byte[] await(CompletableFuture<byte[]> thumbnail) {
        try {
            return thumbnail.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }
}
