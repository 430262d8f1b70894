package dev.loupe.inference.prediction;

import dev.loupe.inference.prediction.PredictionCounts.Count;
import dev.loupe.inference.prediction.PredictionCounts.Interval;
import dev.loupe.inference.registry.Model;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Logged predictions in the database. */
@ApplicationScoped
class PredictionRepository {
    private final Jdbi jdbi;

    /** A prediction that was deleted, or is to be. Public, because Jdbi constructs only public records. */
    public record StoredImage(UUID projectId, UUID id, boolean imageKept) {}

    PredictionRepository(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Writes predictions. Those that are already written stay as they are. */
    void insert(List<LoggedPrediction> predictions) {
        jdbi.useHandle(handle -> {
            PreparedBatch batch = handle.prepareBatch("""
                    insert into prediction (project_id, id, created_at, version, threshold_version, threshold, label,
                        score, calibrated_score, margin, product, latency_millis, image_sha256, media_type, width,
                        height, brightness, sharpness, image_kept)
                    values (:projectId, :id, :createdAt, :version, :thresholdVersion, :threshold, :label, :score,
                        :calibratedScore, :margin, :product, :latencyMillis, :imageSha256, :mediaType, :width,
                        :height, :brightness, :sharpness, :imageKept)
                    on conflict do nothing""");
            predictions.forEach(prediction -> batch.bindMethods(prediction).add());
            batch.execute();
        });
    }

    /**
     * Returns a prediction of a model.
     *
     * @param id its id, as a client gives it
     * @param lock whether it cannot be changed until the end of the transaction
     * @throws ServiceException {@code PREDICTION_NOT_FOUND}
     */
    LoggedPrediction require(Model model, String id, boolean lock) {
        return uuid(id).flatMap(prediction -> jdbi.withHandle(
                        handle -> handle.createQuery("select * from prediction where project_id = :project and id = :id"
                                        + (lock ? " for update" : ""))
                                .bind("project", model.projectId())
                                .bind("id", prediction)
                                .mapTo(LoggedPrediction.class)
                                .findOne()))
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.PREDICTION_NOT_FOUND,
                        "model '%s' has no logged prediction %s: it is not logged, not written yet, or deleted"
                                .formatted(model.name(), QuotedInput.of(id))));
    }

    private static Optional<UUID> uuid(String id) {
        try {
            return Optional.of(UUID.fromString(id));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /** Writes the truth about a prediction. */
    LoggedPrediction report(LoggedPrediction prediction, String outcome, String actor) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        update prediction set outcome = :outcome, outcome_revision = outcome_revision + 1,
                            outcome_actor = :actor, outcome_at = now()
                        where project_id = :project and id = :id returning *""")
                .bind("outcome", outcome)
                .bind("actor", actor)
                .bind("project", prediction.projectId())
                .bind("id", prediction.id())
                .mapTo(LoggedPrediction.class)
                .one());
    }

    /** Lists predictions before an id, newest first. */
    List<LoggedPrediction> list(UUID projectId, PredictionFilter filter, UUID before, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from prediction
                        where project_id = :project
                            and (cast(:before as uuid) is null or id < :before)
                            and (cast(:first as uuid) is null or id >= :first)
                            and (cast(:end as uuid) is null or id < :end)
                            and (cast(:version as integer) is null or version = :version)
                            and (cast(:label as text) is null or label = :label)
                            and (cast(:product as text) is null or product = :product)
                            and (cast(:minScore as double precision) is null or score >= :minScore)
                            and (cast(:maxScore as double precision) is null or score <= :maxScore)
                        order by id desc limit :limit""")
                .bind("project", projectId)
                .bind("before", before)
                .bind("first", filter.firstId())
                .bind("end", filter.endId())
                .bind("version", filter.version())
                .bind("label", filter.label())
                .bind("product", filter.product())
                .bind("minScore", filter.minScore())
                .bind("maxScore", filter.maxScore())
                .bind("limit", limit)
                .mapTo(LoggedPrediction.class)
                .list());
    }

    /** Counts predictions by time, version and label, in this order. */
    List<Count> counts(UUID projectId, Instant from, Instant to, Interval interval, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select date_trunc(:unit, created_at, 'UTC') as start, version, label,
                            count(*) as predictions, avg(score) as mean_score,
                            avg(latency_millis) as mean_latency_millis,
                            avg(brightness) as mean_brightness, avg(sharpness) as mean_sharpness
                        from prediction
                        where project_id = :project and id >= :first and id < :end
                        group by 1, 2, 3 order by 1, 2, 3 limit :limit""")
                .bind("unit", interval.unit())
                .bind("project", projectId)
                .bind("first", PredictionIds.first(from))
                .bind("end", PredictionIds.first(to))
                .bind("limit", limit)
                .mapTo(Count.class)
                .list());
    }

    /** Predictions with their outcomes, by version, day (UTC), label and outcome. */
    List<LiveMetrics.Outcome> outcomes(UUID projectId, Integer version, Instant from, Instant to) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select version, date_trunc('day', created_at, 'UTC') as day, label, outcome,
                            count(*) as predictions
                        from prediction
                        where project_id = :project and id >= :first and id < :end
                            and (cast(:version as integer) is null or version = :version)
                        group by 1, 2, 3, 4""")
                .bind("project", projectId)
                .bind("first", PredictionIds.first(from))
                .bind("end", PredictionIds.first(to))
                .bind("version", version)
                .mapTo(LiveMetrics.Outcome.class)
                .list());
    }

    /** Predictions of a review queue without an outcome, in its order. */
    List<LoggedPrediction> toReview(
            UUID projectId, ReviewResource.Kind kind, Integer version, Instant from, boolean withImage, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select * from prediction
                        where project_id = :project and id >= :first and outcome is null and reviewed_at is null
                            and (cast(:version as integer) is null or version = :version)
                            and (image_kept or not :withImage) and %s
                        order by %s limit :limit""".formatted(kind.condition(), kind.order()))
                .bind("project", projectId)
                .bind("first", PredictionIds.first(from))
                .bind("version", version)
                .bind("withImage", withImage)
                .bind("limit", limit)
                .mapTo(LoggedPrediction.class)
                .list());
    }

    /** Takes a prediction out of the review queues. */
    void reviewed(LoggedPrediction prediction) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        update prediction set reviewed_at = now()
                        where project_id = :project and id = :id and reviewed_at is null""")
                .bind("project", prediction.projectId())
                .bind("id", prediction.id())
                .execute());
    }

    /** Projects that have predictions. */
    List<UUID> projects() {
        return jdbi.withHandle(
                handle -> handle.createQuery("""
                        with recursive found as (
                            (select project_id from prediction order by project_id limit 1)
                            union all
                            select (select project_id from prediction where project_id > found.project_id
                                order by project_id limit 1)
                            from found where found.project_id is not null)
                        select project_id from found where project_id is not null""").mapTo(UUID.class).list());
    }

    /** Whether a project has a model, so has not been deleted. */
    boolean exists(UUID projectId) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select exists (select from model where project_id = :project)")
                        .bind("project", projectId)
                        .mapTo(boolean.class)
                        .one());
    }

    /** The oldest predictions of a project before an id. */
    List<StoredImage> oldest(UUID projectId, UUID end, int limit) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select project_id, id, image_kept from prediction
                        where project_id = :project and id < :end order by id limit :limit""")
                .bind("project", projectId)
                .bind("end", end)
                .bind("limit", limit)
                .mapTo(StoredImage.class)
                .list());
    }

    /** Those of the predictions that have an image. */
    List<UUID> withImage(UUID projectId, List<UUID> ids) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select id from prediction where project_id = :project and id = any(:ids) and image_kept")
                .bind("project", projectId)
                .bindArray("ids", UUID.class, ids)
                .mapTo(UUID.class)
                .list());
    }

    void delete(UUID projectId, List<UUID> ids) {
        jdbi.useHandle(
                handle -> handle.createUpdate("delete from prediction where project_id = :project and id = any(:ids)")
                        .bind("project", projectId)
                        .bindArray("ids", UUID.class, ids)
                        .execute());
    }
}
