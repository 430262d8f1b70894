package dev.loupe.dataset.image;

import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Jdbi;

/**
 * The content-addressed objects of images and masks. An object is claimed in the database before it is written, and the
 * claim is deleted after the object. So a query finds all unreferenced objects (of an aborted upload or a deleted
 * image), and no object is deleted while an upload is about to use it.
 */
@ApplicationScoped
public class StoredObjects {
    /** Longest sides of thumbnails, in pixels. */
    public static final List<Integer> THUMBNAIL_SIZES = List.of(128, 256, 512);

    private static final Logger LOG = Logger.getLogger(StoredObjects.class);
    private static final int SWEPT_AT_ONCE = 200;

    private final Jdbi jdbi;
    private final ObjectStore store;
    private final String bucket;
    private final Duration orphanAge;

    private record Claim(String sha256, boolean fresh) {}

    StoredObjects(Jdbi jdbi, ObjectStore store, StorageConfig storage, ImageConfig config) {
        this.jdbi = jdbi;
        this.store = store;
        this.bucket = storage.bucket();
        this.orphanAge = config.orphanAge();
    }

    /** Bucket of all objects. */
    public String bucket() {
        return bucket;
    }

    /** Key of the object with this content. */
    public static String key(String sha256) {
        return "images/" + sha256.substring(0, 2) + "/" + sha256;
    }

    /** Location of the object with this content. */
    public ObjectLocation location(String sha256) {
        return new ObjectLocation(bucket, key(sha256));
    }

    /** Location of a thumbnail of the image with this content. */
    public ObjectLocation thumbnail(String sha256, int size) {
        return new ObjectLocation(bucket, "thumbnails/" + sha256.substring(0, 2) + "/" + sha256 + "-" + size);
    }

    /** Stores a thumbnail, unless the object of its image was deleted meanwhile. */
    @Transactional(TxType.REQUIRES_NEW)
    public void storeThumbnail(String sha256, int size, byte[] jpeg) {
        // The lock excludes a concurrent sweep, which would leave the thumbnail behind.
        boolean exists = jdbi.withHandle(
                handle -> handle.createQuery("select 1 from stored_object where sha256 = :sha256 for key share")
                        .bind("sha256", sha256)
                        .mapTo(Integer.class)
                        .findOne()
                        .isPresent());
        if (exists) {
            store.put(thumbnail(sha256, size), jpeg, "image/jpeg");
        }
    }

    /** Whether the object exists and its content matches the digest. */
    boolean isIntact(String sha256) {
        try {
            store.verify(location(sha256), sha256);
            return true;
        } catch (StorageException.NotFound _) {
            return false;
        } catch (StorageException e) {
            LOG.warnf("object %s can't be read, it is written: %s", sha256, e.getMessage());
            return false;
        }
    }

    /**
     * Protects these objects from deletion for the time that an upload may take. Commits at once, in a separate
     * transaction. Waits while the sweeper deletes one of them.
     *
     * @param sizes sizes of the objects in bytes, by digest
     * @return the objects that were not claimed before; the others are probably stored already
     */
    @Transactional(TxType.REQUIRES_NEW)
    Set<String> claim(Map<String, Long> sizes) {
        TreeMap<String, Long> sorted = new TreeMap<>(sizes); // one lock order for all: no deadlock
        List<Claim> claims = jdbi.withHandle(handle -> handle.createQuery("""
                        insert into stored_object (sha256, size)
                        select * from unnest(:digests, :sizes)
                        on conflict (sha256) do update set touched_at = now()
                        returning sha256, xmax = 0 as fresh""")
                .bind("digests", sorted.keySet().toArray(String[]::new))
                .bind("sizes", sorted.values().toArray(Long[]::new))
                .map((rs, _) -> new Claim(rs.getString("sha256"), rs.getBoolean("fresh")))
                .list());
        Set<String> fresh = new HashSet<>();
        claims.stream().filter(Claim::fresh).forEach(claim -> fresh.add(claim.sha256()));
        return fresh;
    }

    @Scheduled(
            every = "${loupe.images.sweep-interval:10m}",
            delayed = "${loupe.images.sweep-delay:1m}",
            concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void sweepOnTime() {
        int swept;
        do {
            swept = sweep(orphanAge);
            if (swept > 0) {
                LOG.infof("deleted %d objects that nothing refers to", swept);
            }
        } while (swept == SWEPT_AT_ONCE);
    }

    /**
     * Deletes some objects that are unreferenced and were not claimed for this long, with their thumbnails; returns
     * their number.
     */
    @Transactional
    public int sweep(Duration age) {
        return jdbi.withHandle(handle -> {
            // The rows stay locked until the objects are deleted: a concurrent claim waits, then writes the object.
            List<String> orphans = handle.createQuery("""
                            select sha256 from stored_object o
                            where touched_at < now() - make_interval(secs => :age)
                              and not exists (select from image i where i.sha256 = o.sha256)
                              and not exists (select from image i where i.mask_sha256 = o.sha256)
                              and not exists (select from deleted_image i where i.sha256 = o.sha256)
                              and not exists (select from deleted_image i where i.mask_sha256 = o.sha256)
                              and not exists (select from version_object v where v.sha256 = o.sha256)
                            order by sha256 limit :limit for update skip locked""")
                    .bind("age", age.toMillis() / 1000.0)
                    .bind("limit", SWEPT_AT_ONCE)
                    .mapTo(String.class)
                    .list();
            for (String sha256 : orphans) {
                THUMBNAIL_SIZES.forEach(size -> store.delete(thumbnail(sha256, size)));
                store.delete(location(sha256));
            }
            handle.createUpdate("delete from stored_object where sha256 = any(:digests)")
                    .bind("digests", orphans.toArray(String[]::new))
                    .execute();
            return orphans.size();
        });
    }
}
