package dev.loupe.dataset.finding;

import dev.loupe.dataset.image.MeasuredImages;
import dev.loupe.dataset.image.MeasuredImages.Unmeasured;
import dev.loupe.dataset.image.StoredObjects;
import dev.loupe.dataset.upload.UploadMemory;
import dev.loupe.imaging.DamagedImageException;
import dev.loupe.imaging.DecoderBusyException;
import dev.loupe.imaging.ImageMeasurement;
import dev.loupe.imaging.ImageProperties;
import dev.loupe.imaging.UnsupportedImageException;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * Measures images that were stored before measures were kept, in the background and one after the other. Each batch is
 * claimed for a lease and is stored when it is measured: a replica that ends loses one batch at most, which is claimed
 * again. An image that cannot be measured is tried three times.
 */
@ApplicationScoped
class FindingBackfill {
    private static final Logger LOG = Logger.getLogger(FindingBackfill.class);
    private static final int BATCH = 50;
    private static final Duration LEASE = Duration.ofMinutes(10);

    private final MeasuredImages measuredImages;
    private final StoredObjects objects;
    private final ObjectStore store;
    private final UploadMemory memory;

    FindingBackfill(MeasuredImages measuredImages, StoredObjects objects, ObjectStore store, UploadMemory memory) {
        this.measuredImages = measuredImages;
        this.objects = objects;
        this.store = store;
        this.memory = memory;
    }

    @Scheduled(
            every = "${loupe.findings.backfill-interval:1m}",
            delayed = "${loupe.findings.backfill-delay:10s}",
            concurrentExecution = ConcurrentExecution.SKIP)
    void measureOnTime() {
        int measured = measureAll();
        if (measured > 0) {
            LOG.infof("measured %d images that were stored before", measured);
        }
    }

    /** Measures all images that can be measured now; returns their number. */
    int measureAll() {
        int measured = 0;
        List<Unmeasured> batch;
        do {
            batch = measuredImages.claim(BATCH, LEASE);
            Map<String, ImageProperties> properties;
            try {
                properties = measure(batch);
            } catch (ServiceException | DecoderBusyException e) {
                // Uploads need the memory now.
                measuredImages.release(batch);
                LOG.debugf("images are measured later: %s", e.getMessage());
                return measured;
            }
            if (!properties.isEmpty()) {
                measuredImages.store(properties);
            }
            measured += properties.size();
        } while (batch.size() == BATCH);
        return measured;
    }

    private Map<String, ImageProperties> measure(List<Unmeasured> batch) {
        Map<String, ImageProperties> properties = new HashMap<>();
        for (Unmeasured image : batch) {
            if (!takeMemory(image)) {
                continue;
            }
            try {
                byte[] encoded = store.read(objects.location(image.sha256()), image.sha256());
                properties.put(image.sha256(), ImageMeasurement.measure(encoded));
            } catch (StorageException | UnsupportedImageException | DamagedImageException e) {
                LOG.debugf("image %s is not measured: %s", image.sha256(), e.getMessage());
            } finally {
                memory.giveBack(image.size());
            }
        }
        return properties;
    }

    /** Returns whether the image can ever be measured; throws {@code OVERLOADED} if not now. */
    private boolean takeMemory(Unmeasured image) {
        try {
            memory.take(image.size());
            return true;
        } catch (ServiceException e) {
            if (e.code() == ErrorCode.IMAGE_TOO_LARGE) {
                return false;
            }
            throw e;
        }
    }
}
