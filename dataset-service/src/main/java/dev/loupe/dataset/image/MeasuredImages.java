package dev.loupe.dataset.image;

import dev.loupe.dataset.project.Project;
import dev.loupe.imaging.ImageFormat;
import dev.loupe.imaging.ImageInspection;
import dev.loupe.imaging.ImageProperties;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * What was measured of images, by content. An upload measures its images; {@link #claim} hands out those that were
 * stored before measures were kept.
 */
@ApplicationScoped
public class MeasuredImages {
    /** Attempts at measuring an image that was stored before. */
    static final int MAX_ATTEMPTS = 3;

    private final Jdbi jdbi;

    /** A stored image that is to be measured. */
    public record Unmeasured(String sha256, long size) {}

    MeasuredImages(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Stores measures, by digest. The objects must be claimed. Measures that are there already stay. */
    @Transactional(TxType.REQUIRES_NEW)
    public void store(Map<String, ImageProperties> measured) {
        TreeMap<String, ImageProperties> sorted = new TreeMap<>(measured); // one lock order for all: no deadlock
        List<ImageProperties> values = List.copyOf(sorted.values());
        // Findings are outdated in projects that have the images already; a new image is a change of its project
        // anyway.
        jdbi.useHandle(handle -> handle.createUpdate("""
                        with stored as (
                            insert into image_properties (sha256, perceptual_hash, difference_hash, brightness,
                                                          dark_share, bright_share, sharpness, measured_at)
                            select *, now() from unnest(:sha256::text[], :perceptual::bigint[], :difference::bigint[],
                                :brightness::float8[], :dark::float8[], :bright::float8[], :sharpness::float8[])
                            on conflict (sha256) do update set
                                perceptual_hash = excluded.perceptual_hash, difference_hash = excluded.difference_hash,
                                brightness = excluded.brightness, dark_share = excluded.dark_share,
                                bright_share = excluded.bright_share, sharpness = excluded.sharpness,
                                measured_at = excluded.measured_at
                            where image_properties.measured_at is null
                            returning sha256)
                        update finding_search set stale = true where not stale and project_id in (
                            select i.project_id from image i join stored on stored.sha256 = i.sha256)""")
                .bindArray("sha256", String.class, sorted.keySet())
                .bindArray("perceptual", Long.class, list(values, ImageProperties::perceptualHash))
                .bindArray("difference", Long.class, list(values, ImageProperties::differenceHash))
                .bindArray("brightness", Double.class, list(values, ImageProperties::brightness))
                .bindArray("dark", Double.class, list(values, ImageProperties::darkShare))
                .bindArray("bright", Double.class, list(values, ImageProperties::brightShare))
                .bindArray("sharpness", Double.class, list(values, ImageProperties::sharpness))
                .execute());
    }

    private static <T> List<T> list(List<ImageProperties> values, Function<ImageProperties, T> value) {
        return values.stream().map(value).toList();
    }

    /**
     * Claims images that are not measured, for the duration of a lease: the first ones by digest that no other claim
     * holds. An image that was claimed {@value #MAX_ATTEMPTS} times is not handed out again.
     */
    @Transactional(TxType.REQUIRES_NEW)
    public List<Unmeasured> claim(int limit, Duration lease) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        with wanted as (
                            select o.sha256 from stored_object o
                            left join image_properties p on p.sha256 = o.sha256
                            where (p.sha256 is null or p.measured_at is null and p.attempts < :attempts
                                   and (p.claimed_until is null or p.claimed_until < now()))
                              and exists (select from image i where i.sha256 = o.sha256)
                            order by o.sha256 limit :limit for update of o skip locked),
                        claimed as (
                            insert into image_properties (sha256, attempts, claimed_until)
                            select sha256, 1, now() + make_interval(secs => :lease) from wanted
                            on conflict (sha256) do update
                                set attempts = image_properties.attempts + 1, claimed_until = excluded.claimed_until
                            returning sha256)
                        select sha256, size from stored_object where sha256 in (select sha256 from claimed)""")
                .bind("attempts", MAX_ATTEMPTS)
                .bind("limit", limit)
                .bind("lease", lease.toMillis() / 1000.0)
                .mapTo(Unmeasured.class)
                .list());
    }

    /** Gives claimed images back, without counting the attempt. */
    @Transactional(TxType.REQUIRES_NEW)
    public void release(List<Unmeasured> claimed) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        update image_properties set claimed_until = null, attempts = greatest(0, attempts - 1)
                        where sha256 = any(:sha256) and measured_at is null""")
                .bindArray(
                        "sha256",
                        String.class,
                        claimed.stream().map(Unmeasured::sha256).toList())
                .execute());
    }

    /** All images of a project, ordered by digest. */
    public List<MeasuredImage> list(Project project) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select i.*, p.perceptual_hash, p.difference_hash, p.brightness, p.dark_share, p.bright_share,
                               p.sharpness, p.measured_at
                        from image i left join image_properties p on p.sha256 = i.sha256
                        where project_id = :project order by i.sha256""")
                .bind("project", project.id())
                .setFetchSize(5_000)
                .map(MeasuredImages::row)
                .list());
    }

    private static MeasuredImage row(ResultSet rs, StatementContext context) throws SQLException {
        Image image = Images.IMAGE.map(rs, context);
        if (rs.getObject("measured_at") == null) {
            return new MeasuredImage(image, null);
        }
        return new MeasuredImage(
                image,
                new ImageProperties(
                        new ImageInspection(ImageFormat.valueOf(image.format()), image.width(), image.height()),
                        rs.getLong("perceptual_hash"),
                        rs.getLong("difference_hash"),
                        rs.getDouble("brightness"),
                        rs.getDouble("dark_share"),
                        rs.getDouble("bright_share"),
                        rs.getDouble("sharpness")));
    }
}
